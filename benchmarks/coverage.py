"""How often do the survey's intervals cover the truth? Run: make coverage. It writes the table of docs/coverage.md.

Answers on five points are drawn from known distributions, even, skewed and very skewed; each interval is asked whether it holds the true
value. A nominal 95 % interval should cover in 93 to 97 % of the draws.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

import cssp
from cssp.survey.cohesion import cohesion
from cssp.survey.crosstab import chi_square, noncentrality, v_interval
from cssp.survey.power import effect_of, shifted
from cssp.survey.ranks import (
    Pairs,
    brunner_munzel,
    effect_interval,
    kruskal_wallis,
    placements,
    tie_coefficients,
)
from cssp.survey.simultaneous import goodman

DRAWS = 20_000
SIZES = (15, 20, 30, 50, 100)
SHAPES = {
    "even": np.array([0.10, 0.25, 0.30, 0.25, 0.10]),
    "skewed": np.array([0.05, 0.10, 0.20, 0.40, 0.25]),
    "very skewed": np.array([0.02, 0.04, 0.09, 0.25, 0.60]),
}
ENTRY = {
    "item": "q",
    "codes": [1, 2, 3, 4, 5],
    "special": {},
    "sign": {1: -1, 2: -1, 3: 0, 4: 1, 5: 1},
    "weight": {1: 1.0, 2: 0.5, 3: 1.0, 4: 0.5, 5: 1.0},
    "ordered": True,
    "rated": None,
    "reverse": False,
}
APART = (("no difference", 0.0), ("odds 1 : 3", np.log(3.0)), ("odds 1 : 20", np.log(20.0)))
PLAIN, GRADED = np.array([-1, -1, 0, 1, 1.0]), np.array([-1, -0.5, 0, 0.5, 1.0])


TOGETHER = "How near people and groups are to each other, 2,000 draws:\n\n"
INEQUALITY = "Inequality between units (`disproportion`), 1,000 draws of the units:\n\n"


def covered(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    """Share of the draws with an interval that holds the truth; draws without an interval do not count."""
    known = np.isfinite(low) & np.isfinite(high)
    return float(((low[known] <= truth + 1e-12) & (high[known] >= truth - 1e-12)).mean())


def table_of(counts: np.ndarray) -> cssp.FrequencyTable:
    """A frequency table with one group a draw."""
    freq = pd.DataFrame(
        counts.astype(int),
        columns=range(1, 6),
        index=pd.MultiIndex.from_product([["q"], range(len(counts))], names=["item", "draw"]),
    )
    return cssp.FrequencyTable(freq, {"q": ENTRY})


def one(n: int, shape: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    found = {}
    counts = rng.multinomial(n, shape, DRAWS).astype(float)
    freq = table_of(counts)
    for family, score in (("plain", PLAIN), ("rosstat", GRADED)):
        told = cssp.net_balance(freq, family)
        found[f"balance, {family} (delta method)"] = covered(
            told["ci_low"].to_numpy(), told["ci_high"].to_numpy(), float(shape @ score)
        )
        noted = told["note"].str.contains("covers less").mean()
        found[f"… of which the note warns, {family}"] = -float(noted)
        told = cssp.net_balance(freq, family, interval="adjusted")
        found[f"balance, {family} (adjusted)"] = covered(
            told["ci_low"].to_numpy(), told["ci_high"].to_numpy(), float(shape @ score)
        )
    share = cssp.simultaneous_shares(freq)
    top = share[share["answer"] == 5]
    found["share of one answer (Wilson)"] = covered(
        top["ci_low"].to_numpy(), top["ci_high"].to_numpy(), shape[4]
    )
    low, high = goodman(counts, np.full(counts.shape, float(n)), 5, 0.95)
    found["all shares together (Goodman)"] = float(
        ((low <= shape + 1e-12) & (high >= shape - 1e-12)).all(axis=1).mean()
    )
    median = cssp.describe(freq)
    cumulated = np.cumsum(shape)
    truth = float(np.searchsorted(cumulated, 0.5) + 1)
    found["median (order statistics; at least 95 %)"] = covered(
        median["median_low"].to_numpy(), median["median_high"].to_numpy(), truth
    )
    small = table_of(counts[:2000])
    drawn = cssp.bootstrap_balances(small, "plain", replicates=1000)
    found["balance, plain (bootstrap)"] = covered(
        drawn["ci_low"].to_numpy(), drawn["ci_high"].to_numpy(), float(shape @ PLAIN)
    )
    for name, odds in APART:
        a, b = shifted(shape, odds)
        both = np.stack(
            [rng.multinomial(n, a, DRAWS), rng.multinomial(n, b, DRAWS)], axis=1
        ).astype(float)
        pairs = placements(both, np.array([0]), np.array([1]))
        pairs = Pairs(*(part.reshape(-1) for part in vars(pairs).values()))
        effect = effect_of(a, b)
        found[f"rank-biserial, {name} (DeLong)"] = covered(*effect_interval(pairs, 0.95), effect)
        bm = brunner_munzel(pairs, 0.95)
        found[f"superiority, {name} (Brunner-Munzel)"] = covered(
            bm["superiority_low"], bm["superiority_high"], (effect + 1) / 2
        )
        crossed = chi_square(both[:, 0], both[:, 1])
        pooled = (a + b) / 2
        v = float(np.sqrt(((a - pooled) ** 2 / pooled).sum()))
        found[f"Cramér's V, {name}"] = covered(
            *v_interval(crossed["chi2"], crossed["dof"], np.full(DRAWS, 2.0 * n), 0.95), v
        )
        many = kruskal_wallis(both)
        rank = np.cumsum(pooled) - pooled / 2
        epsilon = float(
            (((np.stack([a, b]) @ rank) - 0.5) ** 2).mean() / (pooled @ (rank - 0.5) ** 2)
        )
        bounds = [
            noncentrality(many["h"], many["dof"], chance) / (2 * n - 1) for chance in (0.975, 0.025)
        ]
        found[f"epsilon squared, {name}"] = covered(bounds[0], bounds[1], epsilon)
        above, below = _pairs_of(a, b)
        ties = tie_coefficients(both[:, 0], both[:, 1], pairs, 0.95)
        found[f"gamma, {name}"] = covered(
            ties["gamma_low"], ties["gamma_high"], (above - below) / (above + below)
        )
        one_side, other = (cssp.net_balance(table_of(both[:, side]), "plain") for side in (0, 1))
        gap = one_side["balance"].to_numpy() - other["balance"].to_numpy()
        half = 1.959963984540054 * np.hypot(one_side["se"].to_numpy(), other["se"].to_numpy())
        found[f"difference of balances, {name}"] = covered(
            gap - half, gap + half, float((a - b) @ PLAIN)
        )
    return found


def inequality(rng: np.random.Generator) -> str:
    """Coverage of the intervals of inequality between units that are drawn from a population without end."""
    measures = ("gini", "theil_t", "theil_l", "hoover", "cv")
    shapes = {
        "log-normal, sigma 0.5": lambda size: rng.lognormal(0, 0.5, size),
        "log-normal, sigma 1": lambda size: rng.lognormal(0, 1, size),
        "gamma, shape 2": lambda size: rng.gamma(2, 1, size),
    }
    sizes, draws = (10, 30, 85), 1000
    heads = [f"{shape}, {n} units" for shape in shapes for n in sizes]
    rows: dict[str, list[float]] = {
        f"{name} ({kind})": [] for name in measures for kind in ("jackknife", "bootstrap")
    }
    for shape in shapes.values():
        whole = pd.DataFrame({"city": range(1_000_000), "x": shape(1_000_000)})
        truth = cssp.disproportion(whole, "x", measures=measures, interval="none").set_index(
            "measure"
        )["value"]
        for n in sizes:
            hits = dict.fromkeys(rows, 0)
            for draw in range(draws):
                own = pd.DataFrame({"city": range(n), "x": shape(n)})
                for kind in ("jackknife", "bootstrap"):
                    found = cssp.disproportion(
                        own, "x", measures=measures, interval=kind, draws=400, seed=draw
                    )
                    for row in found.itertuples():
                        hits[f"{row.measure} ({kind})"] += (
                            row.ci_low <= truth[row.measure] <= row.ci_high
                        )
            for name, count in hits.items():
                rows[name].append(count / draws)
    lines = ["| interval | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    lines += [
        f"| {name} | " + " | ".join(map(_cell, values)) + " |" for name, values in rows.items()
    ]
    return "\n".join(lines) + "\n"


def together(rng: np.random.Generator) -> str:
    """Coverage of Kendall's W (five objects) and of cohesion (three sectors)."""
    sizes, draws = (10, 20, 40), 2000
    lines = ["| interval | " + " | ".join(f"{n} respondents" for n in sizes) + " |"]
    lines.append("|---|" + "---|" * len(sizes))

    def ranked(m: int, noise: float) -> pd.DataFrame:
        values = np.linspace(0, 1, 5) + rng.normal(0, noise, (m, 5))
        return pd.DataFrame(values.argsort(axis=1).argsort(axis=1) + 1.0)

    for noise in (3.0, 0.8, 0.3, 0.2):
        truth = float(cssp.kendall_w(ranked(100_000, noise))["mean_spearman"].item())
        cells = []
        for m in sizes:
            found = pd.concat([cssp.kendall_w(ranked(m, noise)) for _ in range(draws)])
            w = (1 + (m - 1) * truth) / m
            low, high = (found[name].to_numpy() for name in ("ci_low", "ci_high"))
            cells.append(_cell(covered(low, high, w)))
        lines.append(f"| W, mean correlation {truth:.2f} | " + " | ".join(cells) + " |")
    for spread in (0.0, 0.15, 0.3, 0.5):
        cells = []
        for n in sizes:
            error = 0.25 / np.sqrt(n)  # of a mean of some answers from 0 to 1
            places = 0.5 + spread * np.array([-0.5, 0.1, 0.5]) + rng.normal(0, error, (draws, 3))
            found = [cohesion(tuple(row), (error,) * 3) for row in places]
            low, high = (
                np.array([getattr(one, name) for one in found]) for name in ("low", "high")
            )
            cells.append(_cell(covered(low - 1e-6, high + 1e-6, 1 - spread)))
        lines.append(f"| cohesion {1 - spread:.2f} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _pairs_of(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    return float(a @ (np.cumsum(b) - b)), float(b @ (np.cumsum(a) - a))


def _cell(value: float) -> str:
    if value <= 0:  # a share of warnings, not a coverage
        return f"{-100 * value:.0f} %"
    return f"{100 * value:.1f}" if 0.93 <= value <= 0.97 else f"**{100 * value:.1f}**"


def put(path: Path, mark: str, text: str) -> None:
    """Write a text between a mark of a page and the next one."""
    head, _, rest = path.read_text(encoding="utf-8").partition(f"{mark}\n")
    _, end, after = rest.partition("<!-- end -->\n")
    path.write_text(f"{head}{mark}\n{text}{end or '<!-- end -->'}{after}", encoding="utf-8")


def main(target: str) -> None:
    rng = np.random.default_rng(20240101)
    columns, rows = [], {}
    for shape, shares in SHAPES.items():
        for n in SIZES:
            columns.append(f"{shape}, {n}")
            for name, value in one(n, shares, rng).items():
                rows.setdefault(name, []).append(value)
    lines = ["| interval | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for name, values in rows.items():
        lines.append(f"| {name} | " + " | ".join(map(_cell, values)) + " |")
    text = "\n".join(lines) + "\n\n" + TOGETHER + together(rng) + "\n" + INEQUALITY
    text += inequality(rng)
    if target:
        path = Path(target)
        put(path, "<!-- made by make coverage -->", text)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
