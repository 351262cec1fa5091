"""The same number by an independent library, the slow way.

So that nobody has to take ours on trust.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import PermutationMethod, mannwhitneyu

from cssp.stats.columns import Column, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.two_groups import NOTE_EXACT, NOTE_EXACT_TIES


@returns(
    "item",
    "sector",
    "group_a",
    "group_b",
    "u",
    Column("u_scipy", "U by SciPy", "number1"),
    "p",
    Column("p_scipy", "p by SciPy", "p"),
    Column("equal", "equal", "flag"),
)
def recompute(
    answers: Answers, pairs: pd.DataFrame, between: str, within: str | None = None, rows: int = 3
) -> pd.DataFrame:
    """Compute some rows of `compare_groups` again from the respondents, by SciPy.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    pairs : table from `compare_groups` of the same answers
    between, within : as given to `compare_groups`
    rows : how many rows to compute again, from the top, those without a p-value left out

    Returns
    -------
    `item, [within], group_a, group_b, u, u_scipy, p, p_scipy, equal` (both within 1e-9).

    Examples
    --------
    >>> from cssp import Answers, answer_codes, compare_groups, frequency_table
    >>> rows = pd.DataFrame({"city": ["a"] * 4 + ["b"] * 4, "q": [1, 2, 3, 3, 1, 1, 1, 2]})
    >>> answers = Answers(rows, {"q": answer_codes([1, 2, 3], positive=[3], negative=[1])})
    >>> pairs = compare_groups(frequency_table(answers, ["q"], by=["city"]), "city")
    >>> recompute(answers, pairs, "city")["equal"].tolist()
    [True]
    """
    need_answers(answers)
    lines = []
    for row in pairs[pairs["p"].notna()].head(rows).to_dict("records"):
        place = {code: rank for rank, code in enumerate(answers.codebook[row["item"]]["codes"])}
        own = answers if within is None else answers[answers[within] == row[within]]
        a, b = (
            own.loc[own[between] == row[side], row["item"]].map(place).dropna()
            for side in ("group_a", "group_b")
        )
        note = str(row.get("note", ""))
        method: Any = "exact" if NOTE_EXACT in note else "asymptotic"
        if NOTE_EXACT_TIES in note:  # all ways to part the answers, or so many of them
            method = PermutationMethod(n_resamples=200_000)
        slow = mannwhitneyu(a.astype(float), b.astype(float), method=method)
        lines.append(
            {
                **{name: row[name] for name in ("item", within, "group_a", "group_b") if name},
                "u": row["u"],
                "u_scipy": slow.statistic,
                "p": row["p"],
                "p_scipy": slow.pvalue,
                "equal": bool(
                    np.isclose(row["u"], slow.statistic)
                    and np.isclose(
                        row["p"], slow.pvalue, rtol=1e-9, atol=0.01 * (NOTE_EXACT_TIES in note)
                    )
                ),
            }
        )
    names = [
        "item",
        *filter(None, [within]),
        "group_a",
        "group_b",
        "u",
        "u_scipy",
        "p",
        "p_scipy",
        "equal",
    ]
    return pd.DataFrame(lines, columns=names)
