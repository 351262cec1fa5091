"""Were the interviews enough? New codes in the order held and in any order, a rule for stopping.

And what has not been heard yet.

References: Guest, G., Namey, E., & Chen, M. (2020). A simple method to assess and report thematic
saturation in qualitative research. PLoS ONE,
15(5), e0232076. Chao, A. (1987). Estimating the population size for capture-recapture data with
unequal catchability. Biometrics, 43(4), 783-791.
Colwell, R. K., Mao, C. X., & Chang, J. (2004). Interpolating, extrapolating, and comparing
incidence-based species accumulation curves. Ecology,
85(10), 2717-2727.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import gammaln

from cssp.interviews.coding import named_by_interview, naming_table, prepared
from cssp.stats.columns import Column, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError

NOTE_NOTHING_ONCE = "no code was named in one interview only: nothing to estimate from"
NOTE_ABOVE_SYSTEM = (
    "above the number of codes in the system, which is closed: no evidence of unheard codes"
)

NOTE_ALL_ORDERS = "the order held is not known: mean over all orders"

#: The name of all cities taken together.
TOGETHER = "all_cities"
Rule = Literal["any", "all"]


@returns(
    "city",
    "interview",
    "order",
    Column("codes_named", "codes named in it", "whole"),
    Column("new", "new codes", "whole"),
    Column("cumulative", "codes so far", "whole"),
    "codes_in_system",
)
def new_codes(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    by_city: bool = True,
    rule: Rule = "all",
) -> pd.DataFrame:
    """Return how many codes each interview names that none before it did.

    Only codes at the bottom of the hierarchy count; an interview's codes are those of the naming
    rule. Where the order held is not known (`order` is missing), each number is the mean over all
    orders, and no interview stands beside it.

    Parameters
    ----------
    by_city : begin anew with each city; otherwise one order over all

    Returns
    -------
    One row an interview in the order held: `city, interview, order` (within the city, or over all),
    `codes_named` (in it), `new`,
    `cumulative`, `codes_in_system`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = new_codes(segments, interviews, study.codes)
    >>> bool((table.groupby("city")["cumulative"].diff().dropna() >= 0).all())
    True
    """
    texts, named = _named(segments, interviews, codes, rule)
    groups = list(_in_order(texts, named, by_city))
    parts: list[pd.DataFrame] = []
    for city, block in groups:
        if not _order_known(texts, city):
            parts.append(_over_all_orders(city, block, len(codes.leaves)))
            continue
        seen = block.cummax()
        cumulative = seen.sum(axis=1)
        parts.append(
            pd.DataFrame(
                {
                    "order": range(1, len(block) + 1),
                    "codes_named": block.sum(axis=1),
                    "new": cumulative.diff().fillna(cumulative),
                    "cumulative": cumulative,
                    "codes_in_system": len(codes.leaves),
                }
            )
        )
    table = (
        pd.concat([part.reset_index() for part in parts], ignore_index=True)
        if parts
        else pd.DataFrame(
            columns=[
                "city",
                "interview",
                "order",
                "codes_named",
                "new",
                "cumulative",
                "codes_in_system",
            ]
        )
    )
    if all(_order_known(texts, city) for city, _ in groups):
        counts = ["codes_named", "new", "cumulative"]
        table[counts] = table[counts].astype("int64")
    return table


def _order_known(texts: pd.DataFrame, city: str) -> bool:
    """Return whether the interviews of a city (or of all together) have an order of time."""
    own = texts if city == TOGETHER else texts[texts["city"] == city]
    return bool(own["order"].notna().all()) or len(own) < 2


def missed(count: np.ndarray, total: int) -> np.ndarray:
    """Return the chance that t interviews drawn of `total` name none of those that `count`
    interviews name: t x codes.
    """
    t = np.arange(1, total + 1)[:, None]
    left = total - count[None, :].astype(float)
    with np.errstate(invalid="ignore"):
        log = (
            gammaln(left + 1)
            - gammaln(np.maximum(left - t, 0) + 1)
            - gammaln(total + 1)
            + gammaln(total - t + 1)
        )
    return np.where(left >= t, np.exp(log), 0.0)


def mean_over_orders(marks: np.ndarray) -> np.ndarray:
    """Return how many codes the first 1, 2, ... interviews name, on average over all orders.

    Exactly, without drawing orders: a code that f of n interviews name is not among k of them with
    the probability C(n - f, k) / C(n, k) (rarefaction; see `rarefaction`).

    >>> mean_over_orders(np.array([[True, False], [False, True]])).tolist()
    [1.0, 2.0]
    """
    return np.asarray(np.round((1 - missed(marks.sum(axis=0), len(marks))).sum(axis=1), 9))


def _over_all_orders(city: str, block: pd.DataFrame, in_system: int) -> pd.DataFrame:
    mean = mean_over_orders(block.to_numpy())
    return pd.DataFrame(
        {
            "city": city,
            "interview": "",
            "order": range(1, len(block) + 1),
            "codes_named": float(block.sum(axis=1).mean()),
            "new": np.diff(mean, prepend=0.0),
            "cumulative": mean,
            "codes_in_system": in_system,
        }
    ).set_index(["city", "interview"])


def _named(
    segments: pd.DataFrame, interviews: pd.DataFrame, codes: CodeSystem, rule: Rule
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the interviews with all that their order needs, and which of them names which code."""
    segments, interviews = prepared(segments, interviews, codes.names)
    named = named_by_interview(naming_table(segments, interviews, codes), rule)[codes.leaves]
    texts = interviews.assign(
        held=interviews.get("held", ""),
        order=interviews["order"] if "order" in interviews else range(len(interviews)),
    )
    return texts, named


def _in_order(
    texts: pd.DataFrame, named: pd.DataFrame, by_city: bool
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each city (or all together) with which interview names which code.

    In the order held.
    """
    ordered = texts.sort_values(
        ["city", "order"] if by_city else ["held", "city", "interview"], kind="stable"
    )
    # an interview that nobody coded names nothing and says nothing
    order = pd.MultiIndex.from_frame(ordered[["city", "interview"]])
    named = named.reindex(order[order.isin(named.index)])
    if not by_city:
        yield TOGETHER, named
        return
    for city in dict.fromkeys(texts["city"]):
        yield str(city), named[named.index.get_level_values("city") == city]


def _with_order(
    segments: pd.DataFrame, interviews: pd.DataFrame, codes: CodeSystem, rule: Rule
) -> Iterator[tuple[str, pd.DataFrame, bool]]:
    """Yield each city, and all together where there are several; and whether the order is of time.

    All together stand in the order of their dates, which may be one city after the other.
    """
    texts, named = _named(segments, interviews, codes, rule)
    for by_city in (True, False) if texts["city"].nunique() > 1 else (True,):
        for city, block in _in_order(texts, named, by_city):
            yield city, block, _order_known(texts, city)


def everywhere_too(
    segments: pd.DataFrame, interviews: pd.DataFrame, codes: CodeSystem, rule: Rule
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each city, and all together where there are several, in the order of their dates."""
    for city, block, _ in _with_order(segments, interviews, codes, rule):
        yield city, block


@returns(
    "city",
    Column("base_size", "base, interviews", "whole"),
    Column("run_length", "run, interviews", "whole"),
    Column("new_threshold", "new codes allowed", "percent"),
    "n_interviews",
    Column("base_codes", "codes in the base", "number"),
    Column("reached_at", "reached at interview", "whole"),
    Column("new_in_run", "new in the run", "number"),
    "share",
    Column("new_later", "new afterwards", "number"),
    "note",
)
def saturation(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    base_sizes: tuple[int, ...] = (4, 5, 6),
    run_lengths: tuple[int, ...] = (2, 3),
    thresholds: tuple[float, ...] = (0.0, 0.05),
    rule: Rule = "all",
) -> pd.DataFrame:
    """Return when saturation was reached by the rule of Guest, Namey and Chen.

    For each setting of it.

    The base is the number of different codes in the first interviews (`base_sizes`). After it the
    interviews are taken in overlapping runs
    (`run_lengths`): saturation is reached at the end of the first run whose new codes are at most
    the threshold's share of the base codes.

    The rule was made for themes that coders find as they go; with a code system fixed beforehand it
    tells when that system was exhausted,
    not when the field was.

    Parameters
    ----------
    segments, interviews, codes : as loaded; codes at the bottom of the hierarchy, interviews in the
        order held
    base_sizes, run_lengths, thresholds : the settings; several, because one alone can be chosen to
        please
    rule : an interview names a code when "all" its coders marked it, or "any"

    Returns
    -------
    One row a city (and `all_cities` where there are several) and setting: `city, base_size,
    run_length, new_threshold, n_interviews, base_codes,
    reached_at` (number of the interview that ends the run; missing: not reached), `new_in_run,
    share` (of that run, or of the last), `new_later`
    (codes that were first named after it: the order held had more to come), `note`. Where the
    order held is not known, the rule is applied to the mean over all orders.

    Raises
    ------
    ScoringError
        A base or run below 1, or a threshold outside 0 to 1.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> saturation(segments, interviews, study.codes)[["base_size", "run_length"]].head(2)
       base_size  run_length
    0          4           2
    1          4           2
    """
    if min(base_sizes, default=1) < 1 or min(run_lengths, default=1) < 1:
        raise ScoringError("A base and a run need one interview or more.")
    if any(not 0 <= bound <= 1 for bound in thresholds):
        raise ScoringError("A threshold of new information lies between 0 and 1.")
    rows = []
    for city, named, in_time in _with_order(segments, interviews, codes, rule):
        marks = named.to_numpy()
        seen = np.zeros(0, dtype=int)
        if len(marks):
            seen = (
                np.maximum.accumulate(marks, axis=0).sum(axis=1)
                if in_time
                else mean_over_orders(marks)
            )
        for base in base_sizes:
            for run in run_lengths:
                enough = len(marks) >= base + run
                start = seen[base - 1] if len(seen) >= base else 0
                ends = np.arange(base + run, len(marks) + 1)
                new = seen[ends - 1] - seen[ends - run - 1]
                for bound in thresholds:
                    share = new / start if start else np.full(len(new), np.nan)
                    hit = np.flatnonzero(share <= bound + 1e-12)
                    at = hit[0] if len(hit) else len(new) - 1
                    rows.append(
                        {
                            "city": city,
                            "base_size": base,
                            "run_length": run,
                            "new_threshold": bound,
                            "n_interviews": len(marks),
                            "base_codes": start,
                            "reached_at": int(ends[at]) if len(hit) else pd.NA,
                            "new_in_run": new[at] if enough else pd.NA,
                            "share": float(share[at]) if enough else np.nan,
                            "new_later": seen[-1] - seen[ends[at] - 1] if len(hit) else pd.NA,
                            "note": "" if in_time else NOTE_ALL_ORDERS,
                        }
                    )
    table = pd.DataFrame(rows)
    if not rows:
        return table
    whole = "Int64" if (table["note"] == "").all() else "Float64"
    counted = dict.fromkeys(("base_codes", "new_in_run", "new_later"), whole)
    return table.astype({"reached_at": "Int64", **counted})
