"""Do the coders agree? Krippendorff's alpha by interview, from counts, with a bootstrap over interviews."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.codebook import CodeSystem
from cssp.interviews.coding import naming_table
from cssp.problems import ScoringError

NOTE_ONE_CODER = "one coder: agreement not defined"
NOTE_UNUSED = "no coder used it: not defined"
NOTE_ALWAYS = "every coder marked every interview: not defined"


def agreement(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    minimum: tuple[float, ...] = (0.667, 0.8),
    replicates: int = 2000,
    seed: int = 20240101,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return Krippendorff's alpha (nominal) for each code at the level of interviews, and overall.

    The unit is an interview; its value for a code is whether the coder marked the code (or one below it) anywhere in it. So
    the coefficient answers whether the coders would report the same prevalence, not whether they marked the same words.
    Units with one coder only carry no information and are left out. `overall` pools interviews and the codes at the
    bottom of the hierarchy.

    Parameters
    ----------
    segments, interviews : tables from `load_segments` and `load_interviews`
    codes : the code system
    minimum : for each, the chance q that alpha lies below it (share of bootstrap replicates)
    replicates, seed : of the bootstrap, which draws interviews, not codings within them
    level : of the percentile interval

    Returns
    -------
    One row a code and a last one with the code `overall`: `code, group, n_interviews, n_coders, marked` (judgements that found
    the code), `agreement` (share of agreeing pairs of coders), `alpha, ci_low, ci_high, q_0667, q_0800, undefined_replicates`
    (share of replicates without variation, left out of the interval), `note`. A code that nobody used, or everybody always, has
    no alpha: there is no variation to agree about.

    References
    ----------
    Krippendorff, K. (2004). Content Analysis, 2nd ed., Sage, ch. 11 (alpha; the minimum .667 for tentative conclusions: p. 241).
    Hayes, A. F., & Krippendorff, K. (2007). Communication Methods and Measures, 1(1), 77-89 (bootstrap, q).
    """
    if replicates < 0:
        raise ScoringError("The number of bootstrap replicates cannot be negative.")
    naming = naming_table(segments, interviews, codes)
    grouped = naming.groupby(level=["city", "interview"], sort=False)
    yes = grouped.sum().to_numpy(dtype=float)  # interviews x codes: coders who marked it
    coders = grouped.size().to_numpy(dtype=float)[:, None]
    pairable = coders[:, 0] >= 2
    yes, coders = yes[pairable], coders[pairable]
    leaves = [list(naming.columns).index(name) for name in codes.leaves]
    # Each unit's contribution to the three sums that alpha is made of; a bootstrap replicate only weighs units anew.
    no = coders - yes
    split = yes * no / np.maximum(coders - 1, 1)
    parts = np.stack([split, yes, no])  # 3 x interviews x codes
    parts = np.concatenate([parts, parts[:, :, leaves].sum(axis=2, keepdims=True)], axis=2)
    pairs = coders * (coders - 1)
    agreeing = (pairs - 2 * yes * no).sum(axis=0) / np.maximum(pairs.sum(), 1)
    shares = np.append(agreeing, agreeing[leaves].mean() if leaves else np.nan)
    alpha = _alpha(parts.sum(axis=1))
    units = len(yes)
    names = [*naming.columns, "overall"]
    drawn = np.full((max(replicates, 1), len(names)), np.nan)
    if units and replicates:
        weights = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=replicates)
        drawn = _alpha(np.einsum("ru,suc->src", weights, parts, optimize=True))
    tops = {**codes.top_of(), "overall": ""}
    defined = np.isfinite(drawn)
    usable = np.isfinite(alpha) & (defined.sum(axis=0) > 0)
    low, high = np.full(len(names), np.nan), np.full(len(names), np.nan)
    tail = (1 - level) / 2
    if usable.any():
        low[usable], high[usable] = np.nanquantile(drawn[:, usable], [tail, 1 - tail], axis=0)
    table = pd.DataFrame(
        {
            "code": names,
            "group": [tops[name] for name in names],
            "n_interviews": units,
            "n_coders": int(naming.index.get_level_values("coder").nunique()),
            "marked": np.append(yes.sum(axis=0), yes[:, leaves].sum()).astype(int),
            "agreement": shares if units else np.nan,
            "alpha": alpha,
            "ci_low": low,
            "ci_high": high,
        }
    )
    for bound in minimum:
        with np.errstate(invalid="ignore", divide="ignore"):
            q = (np.where(defined, drawn, np.inf) < bound).sum(axis=0) / defined.sum(axis=0)
        table[f"q_{round(bound * 1000):04d}"] = np.where(usable, q, np.nan)
    table["undefined_replicates"] = np.where(usable, 1 - defined.mean(axis=0), np.nan)
    table["note"] = _notes(parts.sum(axis=1), units)
    return table


def _alpha(sums: np.ndarray) -> np.ndarray:
    """Return alpha from the sums over units of n1 n0 / (m - 1), n1 and n0 (the first axis).

    With two values, the observed disagreement is twice the first sum over n, the expected one 2 N1 N0 / (n (n - 1)).
    """
    split, yes, no = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = 1 - (yes + no - 1) * split / (yes * no)
    return np.where((yes == 0) | (no == 0), np.nan, alpha)


def _notes(sums: np.ndarray, units: int) -> list[str]:
    if not units:
        return [NOTE_ONE_CODER] * sums.shape[1]
    return [
        NOTE_UNUSED if yes == 0 else NOTE_ALWAYS if no == 0 else ""
        for yes, no in zip(sums[1], sums[2], strict=True)
    ]
