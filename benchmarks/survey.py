"""The survey against its peers, side by side in one process. Run: make bench.

Equal results are asserted before anything is timed: U, p and the rank-biserial correlation to 1e-12 relative.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import tracemalloc
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
from scipy.stats import mannwhitneyu
from timing import best

import cssp

ITEMS, CITIES, STRATA, ROWS = 40, 20, 4, 1_000_000


def table(rng: np.random.Generator) -> pd.DataFrame:
    """Forty five-point items in twenty cities and four strata of 20 to 60 respondents."""
    index = pd.MultiIndex.from_product(
        [
            [f"q{i}" for i in range(ITEMS)],
            [f"city{i}" for i in range(CITIES)],
            list("abcd")[:STRATA],
        ],
        names=["item", "city", "sector"],
    )
    shares = rng.dirichlet([2, 4, 6, 5, 3], len(index))
    return pd.DataFrame(
        rng.multinomial(rng.integers(20, 61, len(index)), shares), index=index, columns=range(1, 6)
    )


def comparisons(rng: np.random.Generator) -> None:
    freq = table(rng)
    ranks = cssp.compare_groups(freq, "city", "sector", measures="ranks")
    answers = {
        key: np.repeat(np.arange(1, 6), row)
        for key, row in zip(freq.index, freq.to_numpy(), strict=True)
    }
    keys = [
        (item, sector, a, b)
        for item in freq.index.get_level_values("item").unique()
        for sector in freq.index.get_level_values("sector").unique()
        for a, b in combinations(freq.index.get_level_values("city").unique(), 2)
    ]

    def by_scipy() -> list[tuple[float, float]]:
        return [
            tuple(mannwhitneyu(answers[i, a, s], answers[i, b, s], method="asymptotic"))
            for i, s, a, b in keys
        ]

    def by_pingouin(some: list[tuple[str, str, str, str]]) -> list[tuple[float, float, float]]:
        rows = (
            pingouin.mwu(answers[i, a, s], answers[i, b, s], method="asymptotic").iloc[0]
            for i, s, a, b in some
        )
        return [
            (row.iloc[0], row["p_val" if "p_val" in row else "p-val"], row["RBC"]) for row in rows
        ]

    start = time.perf_counter()
    theirs = np.array(by_scipy())
    scipy_time = time.perf_counter() - start
    assert (ranks["u"].to_numpy() == theirs[:, 0]).all()
    assert np.allclose(ranks["p"], theirs[:, 1], rtol=1e-12, atol=0)
    sample = keys[:: len(keys) // 2000]
    start = time.perf_counter()
    wide = np.array(by_pingouin(sample))
    pingouin_time = (time.perf_counter() - start) * len(keys) / len(sample)
    rows = ranks.iloc[:: len(keys) // 2000]
    assert np.allclose(rows["p"], wide[:, 1], rtol=1e-12, atol=0)
    assert np.allclose(rows["rank_biserial"], wide[:, 2], rtol=1e-12, atol=1e-15)
    own = best(lambda: cssp.compare_groups(freq, "city", "sector", measures="ranks"), 9)
    print(f"{len(keys)} Mann-Whitney tests with effect and interval: cssp {1000 * own:.1f} ms")
    print(f"  loop of scipy.stats.mannwhitneyu {scipy_time:.2f} s: {scipy_time / own:.0f} x")
    print(
        f"  loop of pingouin.mwu {pingouin_time:.2f} s (from {len(sample)} of them): {pingouin_time / own:.0f} x"
    )
    both = best(
        lambda: cssp.compare_groups(freq, "city", "sector", measures=["ranks", "brunner_munzel"]), 3
    )
    print(f"  with Brunner-Munzel's test and interval: {1000 * both:.1f} ms")


def counting(rng: np.random.Generator) -> None:
    codes = rng.integers(1, 6, (ITEMS, ROWS)).astype(np.int8)
    names = [f"q{i}" for i in range(ITEMS)]
    answers = pd.DataFrame(codes.T, columns=names)
    answers["city"] = pd.Categorical.from_codes(
        rng.integers(0, CITIES, ROWS), [f"city{i}" for i in range(CITIES)]
    )
    answers["sector"] = pd.Categorical.from_codes(rng.integers(0, 3, ROWS), list("abc"))
    freq = cssp.frequency_table(answers, names, by=["city", "sector"])
    assert (
        freq.groupby(level="item", sort=False).sum().to_numpy()
        == [np.bincount(row, minlength=6)[1:] for row in codes]
    ).all()
    bare = best(lambda: [np.bincount(row) for row in codes], 5)
    own = best(lambda: cssp.frequency_table(answers, names, by=["city", "sector"]), 5)
    print(
        f"{ROWS} respondents x {ITEMS} items by city and sector: cssp {1000 * own:.0f} ms, bare np.bincount {1000 * bare:.0f} ms: {own / bare:.2f} x"
    )
    tracemalloc.start()
    cssp.frequency_table(answers, names, by=["city", "sector"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = answers.memory_usage(index=False).sum()
    print(f"  memory: input {size / 1e6:.0f} MB, at its peak {(size + peak) / size:.2f} x of it")


def chunks(rng: np.random.Generator) -> None:
    """Ten million respondents in Parquet, counted in a process of its own so that its peak memory is its own."""
    import subprocess

    import pyarrow as pa
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.parquet"
        names = [f"q{i}" for i in range(ITEMS)]
        writer = None
        for _ in range(10):
            part = pa.table(
                {name: rng.integers(1, 6, ROWS).astype(np.int8) for name in names}
                | {"city": pa.array(rng.choice(["a", "b", "c"], ROWS)).dictionary_encode()}
            )
            writer = writer or parquet.ParquetWriter(path, part.schema)
            writer.write_table(part, row_group_size=250_000)
        assert writer is not None
        writer.close()
        start = time.perf_counter()
        told = subprocess.run(
            [sys.executable, __file__, "count", str(path)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        print(
            f"{10 * ROWS} respondents x {ITEMS} items from chunked Parquet: {time.perf_counter() - start:.1f} s, {told.strip()}"
        )


def count(path: str) -> None:
    names = [f"q{i}" for i in range(ITEMS)]
    freq = cssp.count_in_chunks(cssp.parquet_chunks(path, [*names, "city"]), names, by=["city"])
    assert int(freq.loc["q0"].to_numpy().sum()) == 10 * ROWS
    print(
        f"peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


def bootstrap() -> None:
    study = cssp.load_study()
    freq = cssp.frequency_table(
        cssp.load_survey(study), study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    own = best(lambda: cssp.bootstrap_balances(freq, "plain", between="city"), 3)
    rows = len(cssp.bootstrap_balances(freq, "plain", between="city", replicates=100))
    print(
        f"10000 bootstrap replicates of {rows} balances and differences of the default study: {own:.2f} s"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["count"]:
        count(sys.argv[2])
    else:
        random = np.random.default_rng(20240101)
        comparisons(random)
        counting(random)
        bootstrap()
        chunks(random)
