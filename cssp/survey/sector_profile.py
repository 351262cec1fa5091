"""The sector profile.

How each sector rates the partnership's institutions and actors, and how near the sectors are to
each other.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.study.study_file import Profile
from cssp.survey.answers import Answers, need_answers
from cssp.survey.count_arrays import check_levels, check_whole
from cssp.survey.frequency import FrequencyTable, need_counts, substantive_codes
from cssp.survey.frequency_tables import collapse
from cssp.survey.perception import placed_scores

NOTE_NO_ANSWERS = "no answers"
NOTE_ALIKE = "one respondent or answers all alike: no interval"
NOTE_BLOCKS = "a block that the sector did not answer is left out"
#: The name of the mean over all blocks.
ALL = "all"


@returns("city", "block", "sector", "index", "error", *bounds("index"), "items", "n", "note")
def sector_profile(
    freq: FrequencyTable,
    profile: Profile | None,
    confidence: float = 0.95,
    answers: Answers | None = None,
) -> pd.DataFrame:
    """Return each sector's index of each block of items, in each city.

    An item counts as the mean of its substantive answers, placed from 0 (lowest answer of its
    scale) to 1 (highest); a block is the mean of its
    items that the sector answered; "all" is the mean of the blocks, each counting alike. Inspired
    by the index of municipal public policy of Nikovskaya
    and Yakimets, who ask business, non-profits and authorities and keep institutions apart from
    actors. **The original formula, scale and
    cut-offs were not available**: every constant here is the study's own (`study.yaml`, `profile`),
    and the values must not be compared
    with published ones of that index.

    Parameters
    ----------
    freq : table from `frequency_table` with its codebook, by city and sector at least, unweighted
    profile : the study's constants; None: the study has no profile, and the table is empty
    confidence : of the intervals
    answers : the same respondents, row by row: then `error` allows for how the answers of one
        person hang together (linearisation), which counts do not hold

    Returns
    -------
    One row a city, block and sector: `city, block, [sector], index, error, ci_low, ci_high, items,
    n` (the largest base of an item), `note`. The
    standard error `error` is that of the respondents' own means where `answers` are given; from
    counts alone it is the mean of the items' standard errors, an upper bound.

    References
    ----------
    Nikovskaya, L. I., & Yakimets, V. N. (2011). Polis, 1, 80-96 (the idea: sectors apart,
    institutions and actors apart).

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> freq = frequency_table(load_survey(study), study.questionnaire.names("ordinal"),
    ...     by=["city", "sector"])
    >>> sector_profile(freq, study.file.profile)["block"].unique().tolist()
    ['institutions', 'actors', 'all']
    """
    need_counts(freq)
    if profile is None:
        names = [
            "city",
            "block",
            "sector",
            "index",
            "error",
            "ci_low",
            "ci_high",
            "items",
            "n",
            "note",
        ]
        return pd.DataFrame(columns=names)
    check_levels(freq, "city", "sector")
    check_whole(freq)
    table = (
        freq
        if list(freq.index.names) == ["item", "city", "sector"]
        else collapse(freq, ["city", "sector"])
    )
    values = {name: _item(table, name) for block in profile.blocks.values() for name in block.items}
    cities = list(table.index.get_level_values("city").unique())
    sectors = list(table.index.get_level_values("sector").unique())
    from_rows = _errors_of_rows(answers, profile, "city", "sector") if answers is not None else {}
    z = float(ndtri(0.5 + confidence / 2))
    lines = []
    for city in cities:
        for name in [*profile.blocks, ALL]:
            for one in sectors:
                blocks = [name] if name != ALL else list(profile.blocks)
                found = [
                    _block(
                        [
                            values[item].loc[(city, one)]
                            for item in profile.blocks[b].items
                            if (city, one) in values[item].index
                        ]
                    )
                    for b in blocks
                ]
                found = [part for part in found if part["items"]]
                key = {"city": city, "block": name, "sector": one}
                if not found:
                    lines.append(
                        {
                            **key,
                            "index": np.nan,
                            "error": np.nan,
                            "ci_low": np.nan,
                            "ci_high": np.nan,
                            "items": 0,
                            "n": 0,
                            "note": NOTE_NO_ANSWERS,
                        }
                    )
                    continue
                index, error = (
                    float(np.mean([part["index"] for part in found])),
                    float(np.mean([part["error"] for part in found])),
                )
                error = from_rows.get((str(city), str(one), name), error)
                low, high = (
                    (max(index - z * error, 0.0), min(index + z * error, 1.0))
                    if error > 1e-12
                    else (np.nan, np.nan)
                )
                notes = [NOTE_BLOCKS] if len(found) < len(blocks) else []
                notes += [] if error > 1e-12 else [NOTE_ALIKE]
                lines.append(
                    {
                        **key,
                        "index": index,
                        "error": error,
                        "ci_low": low,
                        "ci_high": high,
                        "items": int(sum(part["items"] for part in found)),
                        "n": int(max(part["n"] for part in found)),
                        "note": "; ".join(notes),
                    }
                )
    return pd.DataFrame(lines)


def _item(table: pd.DataFrame, name: str) -> pd.DataFrame:
    items = table.index.get_level_values("item").unique()
    if name not in items:
        raise ScoringError(
            f"There is no item '{name}' in the table. {nearest(name, map(str, items))}"
        )
    codes = substantive_codes(table, name)
    block = table.xs(name, level="item")[codes]
    counts = block.to_numpy(dtype=float)
    place = np.linspace(0, 1, len(codes)) if len(codes) > 1 else np.array([0.5])
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = counts @ place / n
        variance = (counts @ place**2 / n - mean**2) / n
    return pd.DataFrame(
        {"mean": mean, "error": np.sqrt(np.clip(variance, 0, None)), "n": n}, index=block.index
    )


def _block(rows: Iterable[pd.Series]) -> dict[str, float]:
    used = [row for row in rows if row["n"] > 0]
    if not used:
        return {"items": 0, "index": np.nan, "error": np.nan, "n": 0}
    return {
        "items": len(used),
        "index": float(np.mean([row["mean"] for row in used])),
        "error": float(np.mean([row["error"] for row in used])),
        "n": max(row["n"] for row in used),
    }


def _errors_of_rows(
    answers: Answers, profile: Profile, by: str, sector: str
) -> dict[tuple[str, str, str], float]:
    """Return the linearised standard error of each city's, sector's and block's index."""
    need_answers(answers)
    scores = {
        item: placed_scores(answers, item)
        for block in profile.blocks.values()
        for item in block.items
    }
    cities, sectors = (answers[name].astype(str).to_numpy() for name in (by, sector))
    found = {}
    for city, one in dict.fromkeys(zip(cities, sectors, strict=True)):
        rows = (cities == city) & (sectors == one)
        parts = {}
        for name, block in profile.blocks.items():
            grid = np.column_stack([scores[item][rows] for item in block.items])
            grid = grid[:, ~np.isnan(grid).all(axis=0)]
            if grid.shape[1]:
                away = (grid - np.nanmean(grid, axis=0)) / (~np.isnan(grid)).sum(axis=0)
                parts[name] = away
        means = {name: np.nansum(part, axis=1) / part.shape[1] for name, part in parts.items()}
        asked = {name: int((~np.isnan(part)).any(axis=1).sum()) for name, part in parts.items()}
        if means:
            means[ALL] = np.mean(list(means.values()), axis=0)
            asked[ALL] = max(asked.values())
        for name, part in means.items():
            n = asked[name]
            found[city, one, name] = float(np.sqrt((part**2).sum() * n / (n - 1))) if n > 1 else 0.0
    return found
