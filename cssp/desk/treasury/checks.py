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
#: Places of the amounts of a line and column.
APPROVED, EXECUTED = 0, 1
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
    a problem for each line whose executed amounts fail (one a line and check), a warning for each
    check that approved amounts fail, and a row a check: `check, compared, failed` (executed),
    `failed_approved, largest_difference` (executed)
    """
    problems, rows = [], []
    for check, compared, difference in _differences(lines):
        size = np.abs(difference)
        failed = size[..., EXECUTED] > tolerance
        for line in np.flatnonzero(failed.any(axis=1)).tolist():
            problems.append(
                _problem(
                    lines,
                    check,
                    compared[line],
                    difference[line][:, EXECUTED],
                    failed[line].sum(),
                    shown,
                )
            )
        planned = size[..., APPROVED] > tolerance
        if planned.any():
            problems.append(_planned(lines, check, compared, planned, shown))
        largest = float(size[..., EXECUTED].max(initial=0.0))
        rows.append([check, difference.size, int(failed.sum()), int(planned.sum()), largest])
    return problems, pd.DataFrame(
        rows, columns=["check", "compared", "failed", "failed_approved", "largest_difference"]
    )


def _planned(
    lines: Lines, check: str, compared: np.ndarray, planned: np.ndarray, shown: str
) -> Problem:
    """Say that approved amounts do not add up; only executed ones enter a study."""
    first = int(np.flatnonzero(planned.any(axis=1))[0])
    return Problem(
        shown,
        f"{int(planned.sum())} sums of approved amounts do not add up ({CHECKS[check]}); executed "
        "amounts are checked by themselves.",
        "Nothing need be done: plans often stop at subgroups, and only executed amounts are taken.",
        row=int(lines.rows[compared[first]]),
        severity="warning",
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
    column = int(np.abs(difference).argmax())
    where = (
        "" if check in ("levels", "fund") else f" ({' '.join(filter(None, lines.places[column]))})"
    )
    code = " ".join(lines.keys[line]) or "200 (the grand total)"
    more = f", and {failed - 1} more sums of this line" if failed > 1 else ""
    what = (
        f"The sums of {code} differ by {difference[column]:.2f} in the executed "
        f"amounts{where}{more}: {CHECKS[check]}, and here they don't."
    )
    return Problem(
        shown, what, _REMEDY, row=int(lines.rows[line]), value=f"{difference[column]:.2f}"
    )
