"""compare_groups against loops over SciPy and pingouin, side by side in one process; results are compared before they are timed."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pandas as pd
import pingouin
from scipy.stats import mannwhitneyu

from cssp import compare_groups


def median_time(work, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def main(items: int = 40, cities: int = 20, people: int = 100) -> None:
    rng = np.random.default_rng(1)
    counts = rng.multinomial(people, [0.1, 0.2, 0.3, 0.25, 0.15], size=(items, cities))
    index = pd.MultiIndex.from_product(
        [[f"q{i}" for i in range(items)], [f"c{i}" for i in range(cities)]], names=["item", "city"]
    )
    freq = pd.DataFrame(counts.reshape(-1, 5), index=index, columns=range(1, 6))
    rows = {(i, c): np.repeat(np.arange(5), counts[i, c]) for i in range(items) for c in range(cities)}
    pairs = [(i, a, b) for i in range(items) for a, b in combinations(range(cities), 2)]
    ours = compare_groups(freq, "city")
    sample = pairs[:: len(pairs) // 200]
    slow = [mannwhitneyu(rows[i, a], rows[i, b], method="asymptotic") for i, a, b in pairs]
    assert np.array_equal(ours["u"], [s.statistic for s in slow])
    assert np.allclose(ours["p"], [s.pvalue for s in slow], rtol=1e-12, atol=0)
    mine = median_time(lambda: compare_groups(freq, "city"), 5)
    scipy = median_time(
        lambda: [mannwhitneyu(rows[i, a], rows[i, b], method="asymptotic") for i, a, b in pairs], 1
    )
    ping = median_time(
        lambda: [pingouin.mwu(rows[i, a], rows[i, b], method="asymptotic") for i, a, b in sample], 1
    )
    ping *= len(pairs) / len(sample)
    print(f"{len(pairs)} comparisons, {people} answers a group; equal U and p (1e-12)")
    print(f"{'compare_groups':32}{1000 * mine:10.0f} ms")
    print(f"{'loop of scipy mannwhitneyu':32}{1000 * scipy:10.0f} ms  {scipy / mine:8.0f} x")
    print(f"{'loop of pingouin.mwu (sampled)':32}{1000 * ping:10.0f} ms  {ping / mine:8.0f} x")


if __name__ == "__main__":
    main()
