"""The desk study against what it stands on, side by side in one process. Run: make bench.

A form is compared with the time python-calamine takes to hand over its cells; inequality with one np.sort. Equal results are asserted before anything is timed.
With no real forms beside the project (../shared/real) a made-up one of the same size is read.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import python_calamine
from timing import best

import cssp

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "real" / "desk"


def cells(path: Path) -> list[list[list[object]]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def forms(folder: Path) -> list[Path]:
    if REAL.is_dir():
        return sorted(REAL.glob("0503317*.xls"))
    sys.path.insert(0, str(ROOT / "tests"))
    from treasury_forms import write_form

    return [write_form(folder / "made_up.xlsx")]


def reading(folder: Path) -> None:
    files = forms(folder)
    for path in files:
        form = cssp.read_form(path)
        assert form.checks["failed"].sum() == 0
        lines = (
            len(form.table)
            // form.table[["level", "kind_of_municipality"]].drop_duplicates().shape[0]
        )
        own, handed = (
            best(lambda path=path: cssp.read_form(path), 9),
            best(lambda path=path: cells(path), 9),
        )
        print(
            f"{path.name}: {lines} lines of expenditure read and {form.checks['compared'].sum()} sums checked in {1e3 * own:.1f} ms; "
            f"calamine hands its cells over in {1e3 * handed:.1f} ms: {own / handed:.2f} x"
        )
    many = (files * (85 * 11 // len(files) + 1))[: 85 * 11]
    start = time.perf_counter()
    assert len(cssp.read_forms(many)) == len(many)
    print(
        f"{len(many)} forms (85 regions x 11 years; the same files over and over) in {time.perf_counter() - start:.1f} s on {os.cpu_count()} cores"
    )


def inequality() -> None:
    rng = np.random.default_rng(20240101)
    n = 1_000_000
    x, w = rng.lognormal(0, 1, n), rng.uniform(1, 5, n)
    small = slice(0, 2000)
    apart = np.abs(x[small][:, None] - x[small])
    p = w[small] / w[small].sum()
    assert np.isclose(cssp.gini(x[small], w[small]), p @ apart @ p / (2 * p @ x[small]), rtol=1e-12)
    assert np.isclose(cssp.gini(x[small]), apart.mean() / (2 * x[small].mean()), rtol=1e-12)
    sort = best(lambda: np.sort(x), 15)
    print(f"{n} units: one np.sort {1e3 * sort:.1f} ms")
    for name, call in (
        ("Gini", lambda: cssp.gini(x)),
        ("Gini, weighted", lambda: cssp.gini(x, w)),
        ("Theil T", lambda: cssp.theil_t(x)),
        ("Theil T, weighted", lambda: cssp.theil_t(x, w)),
        ("Theil L", lambda: cssp.theil_l(x)),
    ):
        took = best(call, 15)
        print(f"  {name}: {1e3 * took:.1f} ms, {took / sort:.2f} x")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        reading(Path(folder))
    inequality()
