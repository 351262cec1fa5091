"""Every sentence of docs/coverage.md is held against the tables below it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import ROOT

PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


def tables() -> list[pd.DataFrame]:
    """The page's tables, their first column as the index, numbers where there are numbers."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, flags=re.MULTILINE):
        rows = [
            [cell.strip("| ").strip("*") for cell in line.split(" | ")]
            for line in block.strip().split("\n")
        ]
        head, body = rows[0], rows[2:]
        found.append(pd.DataFrame(body, columns=head).set_index(head[0]))
    return found


COVERAGE, TOGETHER, UNITS, SIZES = tables()


def of(table: pd.DataFrame, row: str, columns: str = "") -> list[float]:
    """Numbers of the rows whose name has a text, in the columns whose name matches."""
    rows = table[[row in str(name) for name in table.index]]
    assert len(rows), row
    picked = rows.loc[:, [bool(re.search(columns, name)) for name in rows.columns]]
    return [float(value) for value in picked.to_numpy().ravel()]


def within(values: list[float], low: float, high: float) -> bool:
    """All values lie in what is said, as it is rounded there."""
    return bool(values) and low <= min(values) + 0.5 and max(values) - 0.5 <= high


def size(test: str, case: str, level: str) -> list[float]:
    rows = SIZES[[test in str(name) for name in SIZES.index]]
    rows = rows[rows["where nothing is there"].str.contains(case)]
    return [float(value) for value in rows[level]]


#: The beginning of each point of the page -> what must hold for it.
CLAIMS: dict[str, Callable[[], bool]] = {
    "The rank-biserial correlation": lambda: all(
        93 <= value <= 97 for value in of(COVERAGE, "rank-biserial")
    ),
    "Brunner and Munzel's superiority": lambda: (
        all(93 <= value <= 97 for value in of(COVERAGE, "superiority, no"))
        and all(93 <= value <= 97 for value in of(COVERAGE, "superiority, odds 1 : 3"))
        and within(of(COVERAGE, "superiority, odds 1 : 20", " 15$|, 15$"), 88, 93)
        and within(of(COVERAGE, "superiority, odds 1 : 20", ", 50$"), 93, 95)
    ),
    "The difference of two balances": lambda: (
        within(of(COVERAGE, "difference of balances, odds 1 : 20", ", 15$"), 92, 94)
        and within(of(COVERAGE, "difference of balances, no", "^even, 15$"), 93, 93)
    ),
    "The balance's **delta-method**": lambda: (
        max(of(COVERAGE, "balance, plain (delta", ", 15$")) < 93
        and min(of(COVERAGE, "balance, plain (delta", "very skewed, 50$")) < 93
        and min(of(COVERAGE, "(adjusted)")) >= 94
    ),
    "The median's interval": lambda: min(of(COVERAGE, "median")) >= 99,
    "Cramér's V and epsilon squared": lambda: (
        min(of(COVERAGE, "V, no") + of(COVERAGE, "epsilon squared, no")) >= 97
        and min(of(COVERAGE, "V, odds 1 : 20") + of(COVERAGE, "squared, odds 1 : 20")) >= 99
    ),
    "Gamma's interval": lambda: (
        max(of(COVERAGE, "gamma, no", ", (15|20)$")) < 93
        and max(of(COVERAGE, "gamma, odds 1 : 3", ", (15|20)$")) < 93
        and max(of(COVERAGE, "gamma, odds 1 : 20")) < 94
    ),
    "Kendall's W": lambda: min(of(TOGETHER, "W, mean")) >= 93,
    "Cohesion": lambda: (
        min(of(TOGETHER, "cohesion")) >= 93 and min(of(TOGETHER, "cohesion 1.00")) >= 97
    ),
    "Inequality between units": lambda: (
        all(
            boot < jack
            for boot, jack in zip(of(UNITS, "(bootstrap)"), of(UNITS, "(jackknife)"), strict=True)
        )
        and max(of(UNITS, "cv (", "sigma 1")) < 80
        and max(of(UNITS, "theil_t (", "sigma 1")) < 93
    ),
    "*p of the effect*": lambda: (
        within(size("Mann–Whitney", "two camps", "5 %"), 9.5, 26.5)
        and within(size("Brunner–Munzel", "two camps", "5 %"), 4, 6)
        and max(size("p of the effect", "two camps", "5 %")) < 5
    ),
    "At the small levels": lambda: (
        sum(value > 0.16 for value in size("Brunner–Munzel", ".", "0.16 %")) >= 10
        and max(size("p of the effect", "(?:15 and 15|30 and 30|20 and 60)", "0.16 %")) <= 0.16
        and min(size("p of the effect", "12 and 60", "0.16 %")) > 0.16
    ),
    "The test of proportional odds": lambda: (
        within(size("proportional odds", "46", "5 %"), 6, 9)
        and within(size("proportional odds", "100", "5 %"), 4, 7)
    ),
    "Item bias": lambda: (
        max(size("matched on the total", ".", "5 %")) <= 5
        and within(size("matched on the rest", ".", "5 %"), 14, 90)
    ),
}
POINTS = re.findall(r"^- ((?:.|\n  )*)", PAGE, flags=re.MULTILINE)


@pytest.mark.parametrize("point", POINTS, ids=lambda text: text[:30])
def test_a_sentence_holds_against_its_table(point):
    found = [holds for begin, holds in CLAIMS.items() if point.startswith(begin)]
    assert len(found) == 1, f"no claim is stated for: {point[:60]}"
    assert found[0]()


def test_every_claim_has_its_sentence_and_bold_is_what_lies_outside():
    assert len(POINTS) == len(CLAIMS)
    for cell in re.findall(r"\| (\**\d+\.\d\**) (?=\|)", PAGE.split("## Do the tests")[0]):
        value = float(cell.strip("*"))
        if 92.96 < value < 93.04 or 96.96 < value < 97.04:
            continue  # at the border the rounding decides
        assert cell.startswith("**") == (not 93 <= value <= 97), cell
