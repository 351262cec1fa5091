"""The Treasury's form against itself.

Parts add up to the consolidated total, types to subsections, subsections to sections.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cssp.study.problems import Problem

CHECKS = {
    "levels": "budgets of all levels, less what is excluded, give the consolidated budget",
    "fund": "the consolidated budget and the fund, less what is excluded, give both together",
    "types": "expenditure types give their group, and groups their subsection",
    "subsections": "subsections give their section",
    "sections": "sections give the grand total",
}
_REMEDY = (
    "Get the form as published, or say that its sums may differ (`--unbalanced`); the "
    "difference is then told."
)


@dataclass(frozen=True)
class Lines:
    """The lines of a form.

    `keys` are section, target item and type of each line (three empty texts for the grand total),
    `rows` the lines' rows in the sheet,
    `places` the level and kind of each amount column, `amounts` has the shape lines × columns ×
    (approved, executed).
    """

    keys: list[tuple[str, str, str]]
    names: list[str]
    rows: np.ndarray
    places: list[tuple[str, str]]
    amounts: np.ndarray


def check_sums(lines: Lines, shown: str, tolerance: float) -> tuple[list[Problem], pd.DataFrame]:
    """Check a form against itself.

    Parameters
    ----------
    lines : the form's lines
    shown : the file's name
    tolerance : largest difference, in the form's unit, that counts as none; amounts are given
        exactly, so it is less than a kopeck

    Returns
    -------
    a problem for each line that fails (one a line and check), and a row a check: `check, compared,
    failed, largest_difference`
    """
    problems, rows = [], []
    for check, compared, difference in _differences(lines):
        size = np.abs(difference)
        failed = size > tolerance
        for line in np.flatnonzero(failed.any(axis=(1, 2))).tolist():
            problems.append(
                _problem(lines, check, compared[line], difference[line], failed[line].sum(), shown)
            )
        rows.append([check, difference.size, int(failed.sum()), float(size.max(initial=0.0))])
    return problems, pd.DataFrame(
        rows, columns=["check", "compared", "failed", "largest_difference"]
    )


def _differences(lines: Lines) -> Iterable[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each check with the lines it compares and what is left over.

    Lines × columns × (approved, executed).
    """
    where = {place: i for i, place in enumerate(lines.places)}
    amounts, every = lines.amounts, np.arange(len(lines.keys))
    budgets = [i for i, (level, _) in enumerate(lines.places) if level in ("subject", "local")]
    both = amounts[:, where["consolidated", ""]] + amounts[:, where["excluded", ""]]
    yield "levels", every, (both - amounts[:, budgets].sum(axis=1))[:, None, :]
    fund = [
        ("consolidated_with_fund", ""),
        ("excluded_with_fund", ""),
        ("consolidated", ""),
        ("fund", ""),
    ]
    if all(place in where for place in fund):
        whole, less, own, added = (amounts[:, where[place]] for place in fund)
        yield "fund", every, (whole + less - own - added)[:, None, :]
    parents = _parents(lines.keys)
    for check in ("types", "subsections", "sections"):
        children = np.array([i for i, (kind, _) in parents.items() if kind == check], dtype=int)
        above = np.array([parents[i][1] for i in children.tolist()], dtype=int)
        if check == "subsections":  # a section without subsections is not made up of them either
            sections = [
                i
                for i, (section, target, kind) in enumerate(lines.keys)
                if section.endswith("00") and kind == "000" and not target.strip("0")
            ]
            totals = np.union1d(above, np.array(sections, dtype=int))
        else:
            totals = np.unique(above)
        place = np.searchsorted(totals, above)
        flat = amounts.reshape(len(amounts), -1)
        sums = np.zeros((len(totals), flat.shape[1]))
        np.add.at(sums, place, flat[children])
        yield check, totals, (flat[totals] - sums).reshape(len(totals), *amounts.shape[1:])


def _parents(keys: list[tuple[str, str, str]]) -> dict[int, tuple[str, int]]:
    """Return for each line the total that it is a part of, and which check that is.

    Types are 000 (all), x00 (group), xx0 (subgroup) and xxx (element); where a form leaves a step
    out, the next one above is meant.
    Lines split by target items, or by the economic classification, are left aside: they cut the
    same money another way.
    """
    place = {key: i for i, key in enumerate(keys)}
    found: dict[int, tuple[str, int]] = {}
    for number, (section, target, kind) in enumerate(keys):
        if not section or target.strip("0") or len(kind) > 3:
            continue
        steps = (
            [(section, kind[:2] + "0"), (section, kind[0] + "00"), (section, "000")]
            if kind != "000"
            else []
        )
        check = "types"
        if kind == "000":
            whole = section.endswith("00")
            check = "sections" if whole else "subsections"
            steps = [("", "")] if whole else [(section[:2] + "00", "000")]
        for own, above in steps:
            key = (own, target if own else "", above)
            if key in place and place[key] != number:
                found[number] = (check, place[key])
                break
    return found


def _problem(
    lines: Lines, check: str, line: int, difference: np.ndarray, failed: int, shown: str
) -> Problem:
    """Say which sum does not add up.

    The largest difference of a line, and how many more there are.
    """
    column, measure = np.unravel_index(np.abs(difference).argmax(), difference.shape)
    where = (
        ""
        if check in ("levels", "fund")
        else f" ({' '.join(filter(None, lines.places[int(column)]))})"
    )
    code = " ".join(lines.keys[line]) or "200 (the grand total)"
    more = f", and {failed - 1} more sums of this line" if failed > 1 else ""
    what = (
        f"The sums of {code} differ by {difference[column, measure]:.2f} in the "
        f"{('approved', 'executed')[int(measure)]} amounts{where}{more}: {CHECKS[check]}, and "
        "here they don't."
    )
    return Problem(
        shown, what, _REMEDY, row=int(lines.rows[line]), value=f"{difference[column, measure]:.2f}"
    )


def summary(forms: Iterable[tuple[str, str, str, str, pd.DataFrame]]) -> pd.DataFrame:
    """Return the checks of several forms as one table (see `form_summary`)."""
    parts = []
    for file, region, day, periodicity, checks in forms:
        own = checks.copy()
        for place, (name, value) in enumerate(
            (("file", file), ("region", region), ("date", day), ("periodicity", periodicity))
        ):
            own.insert(place, name, value)
        parts.append(own)
    columns = [
        "file",
        "region",
        "date",
        "periodicity",
        "check",
        "compared",
        "failed",
        "largest_difference",
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
