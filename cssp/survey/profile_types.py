"""A sector profile summed up: index, cohesion, gap and type, and what the type hangs on."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError
from cssp.study.study_file import Profile, TypeRule
from cssp.survey.cohesion import cohesion

NOTE_SECTORS = "a sector without answers: no profile"


@returns(
    "city",
    "block",
    "index",
    *bounds("index"),
    Column("cohesion", "cohesion", "number2"),
    *bounds("cohesion", "cohesion_low", "cohesion_high"),
    Column("cohesion_observed", "cohesion as observed", "number2"),
    "gap",
    "type",
    Column("type_share", "so in surveys of this size", "percent"),
    "note",
)
def profile_types(
    table: pd.DataFrame,
    profile: Profile | None,
    by: str = "city",
    sector: str = "sector",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Sum a profile up.

    The index of each city and block, how near the sectors are to each other, their gap, and the
    type by rule.

    Parameters
    ----------
    table : table from `sector_profile`
    profile : the study's constants: sector weights (equal where none are given), the measure of
        cohesion, the gap, the rules
    confidence : of the intervals

    Returns
    -------
    One row a city and block: `[by], block, index` (weighted mean over sectors), `ci_low, ci_high`
    (sectors are independent samples, so their
    errors, each of which is an upper bound, add in squares; normal bounds, so with fewer than some
    30 answers a sector and few items it may cover
    less than it says; none where a sector's answers are all alike), `cohesion` (1 minus the range
    of the sectors' indices, or 1 minus twice their standard deviation, without what chance adds to
    their distance; 1 = all alike; see `cssp.survey.cohesion`), `cohesion_low, cohesion_high,
    cohesion_observed`, `gap` (the first of `profile.gap` minus the second), `type` (name of the
    first rule that fits; empty for none), `type_share` (of surveys of this size, if the estimates
    were the truth, that would give the same type), `note`.

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey, sector_profile
    >>> study = load_study()
    >>> profile = study.file.profile
    >>> items = [item for block in profile.blocks.values() for item in block.items]
    >>> freq = frequency_table(load_survey(study), items, by=["city", "sector"])
    >>> profile_types(sector_profile(freq, profile), profile)[["block", "type"]].head(2)
              block   type
    0  institutions  mixed
    1        actors  mixed
    """
    names = [by, "block", "index", "ci_low", "ci_high", "cohesion", "cohesion_low",
             "cohesion_high", "cohesion_observed", "gap", "type", "type_share",
             "note"]  # fmt: skip
    if profile is None:
        return pd.DataFrame(columns=names)
    z = float(ndtri(0.5 + confidence / 2))
    lines = []
    for (city, block), part in table.groupby([by, "block"], sort=False, observed=True):
        rows = part.set_index(sector)
        value = rows["index"]
        line: dict[str, object] = {
            by: city,
            "block": block,
            "index": np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            **dict.fromkeys(names[5:10], np.nan),
            "type": "",
            "type_share": np.nan,
            "note": NOTE_SECTORS,
        }
        if value.notna().all() and len(value):
            weight = np.array(
                [
                    profile.sector_weights.get(
                        str(name), 1.0 if not profile.sector_weights else 0.0
                    )
                    for name in value.index
                ]
            )
            if weight.sum() <= 0:
                raise ScoringError("The sector weights of the profile sum to zero.")
            index = float(weight @ value.to_numpy() / weight.sum())
            errors = (
                rows["error"].to_numpy(dtype=float)
                if "error" in rows
                else np.full(len(rows), np.nan)
            )
            known = bool((errors[weight > 0] > 1e-12).all())
            half = z * float(np.sqrt(weight**2 @ errors**2) / weight.sum()) if known else np.nan
            near = cohesion(
                tuple(value.to_numpy(dtype=float)), tuple(errors), profile.cohesion, confidence
            )
            kind = _type(index, near.value, profile.types)
            again = _types(near.groups @ weight / weight.sum(), near.cohesions, profile.types)
            gap = (
                float(value[profile.gap[0]] - value[profile.gap[1]])
                if profile.gap and set(profile.gap) <= set(value.index)
                else np.nan
            )
            line |= {
                "index": index,
                "ci_low": max(index - half, 0.0) if half > 1e-12 else np.nan,
                "ci_high": min(index + half, 1.0) if half > 1e-12 else np.nan,
                "cohesion": near.value,
                "cohesion_low": near.low,
                "cohesion_high": near.high,
                "cohesion_observed": near.observed,
                "gap": gap,
                "type": kind,
                "type_share": float((again == kind).mean()) if len(again) else np.nan,
                "note": "",
            }
        lines.append(line)
    return pd.DataFrame(lines, columns=names)


def _type(index: float, cohesion: float, rules: list[TypeRule]) -> str:
    return str(_types(np.array([index]), np.array([cohesion]), rules)[0])


def _types(index: np.ndarray, cohesion: np.ndarray, rules: list[TypeRule]) -> np.ndarray:
    """Return for each pair the name of the first rule that fits; empty for none."""
    found = np.full(len(index), "", dtype=object)
    for rule in reversed(rules):
        fits = np.ones(len(index), dtype=bool)
        for value, low, high in (
            (index, rule.index_from, rule.index_to),
            (cohesion, rule.cohesion_from, rule.cohesion_to),
        ):
            fits &= (low is None or value >= low) & (high is None or value < high)
        found[fits] = rule.name
    return found


@returns("city", "block", "type", Column("settings", "settings", "whole"), "of", "share")
def profile_sensitivity(table: pd.DataFrame, profile: Profile | None) -> pd.DataFrame:
    """Return how a city's type depends on the constants.

    The share of all settings in which it gets each type.

    The settings are all combinations of sector weights (the study's, equal ones, each sector
    counted double), measures of cohesion (range,
    standard deviation) and cut-offs (the study's, and all moved by each of `profile.shifts`). A
    type that most settings do not share is
    a matter of the constants, not of the city.

    Returns
    -------
    One row a city, block and type that any setting gives: `city, block, type, settings` (how many
    give it), `of` (all), `share`.

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey, sector_profile
    >>> study = load_study()
    >>> profile = study.file.profile
    >>> items = [item for block in profile.blocks.values() for item in block.items]
    >>> freq = frequency_table(load_survey(study), items, by=["city", "sector"])
    >>> table = profile_sensitivity(sector_profile(freq, profile), profile)
    >>> bool(table["share"].between(0, 1).all())
    True
    """
    if profile is None:
        return pd.DataFrame(columns=["city", "block", "type", "settings", "of", "share"])
    sectors = [str(name) for name in table["sector"].unique()]
    equal = dict.fromkeys(sectors, 1.0)
    weights = [profile.sector_weights or equal, equal, *({**equal, name: 2.0} for name in sectors)]
    shares = [{name: w.get(name, 0.0) / sum(w.values()) for name in sectors} for w in weights]
    distinct = [
        dict(weights_used)
        for weights_used in dict.fromkeys(tuple(sorted(w.items())) for w in shares)
    ]
    settings = list(product(distinct, ("range", "sd"), [0.0, *profile.shifts]))
    counts: dict[tuple[str, str, str], int] = {}
    for weight, measure, shift in settings:
        moved = profile.model_copy(
            update={
                "sector_weights": weight,
                "cohesion": measure,
                "types": [_moved(rule, shift) for rule in profile.types],
            }
        )
        for row in profile_types(table, moved, "city", "sector").to_dict("records"):
            if not row["note"]:
                key = (str(row["city"]), str(row["block"]), str(row["type"]))
                counts[key] = counts.get(key, 0) + 1
    lines = [
        {
            "city": city,
            "block": block,
            "type": name,
            "settings": count,
            "of": len(settings),
            "share": count / len(settings),
        }
        for (city, block, name), count in counts.items()
    ]
    found = pd.DataFrame(lines, columns=["city", "block", "type", "settings", "of", "share"])
    order = {
        key: place
        for place, key in enumerate(
            dict.fromkeys(zip(table["city"].astype(str), table["block"], strict=True))
        )
    }
    found["_"] = [order[key] for key in zip(found["city"], found["block"], strict=True)]
    return found.sort_values(
        ["_", "settings"], ascending=[True, False], kind="stable", ignore_index=True
    ).drop(columns="_")


def _moved(rule: TypeRule, shift: float) -> TypeRule:
    bounds = ("index_from", "index_to", "cohesion_from", "cohesion_to")
    return rule.model_copy(
        update={
            name: None if getattr(rule, name) is None else getattr(rule, name) + shift
            for name in bounds
        }
    )
