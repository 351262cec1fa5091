"""How often tests reject what is not there: `python benchmarks/sizes.py [docs/coverage.md]`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from coverage import ENTRY, SHAPES, put

import cssp
from cssp import Answers
from cssp.study.questionnaire import Index
from cssp.survey.ranks import brunner_munzel, effect_p, mann_whitney, placements

DRAWS = 60_000
LEVELS = (0.05, 0.005, 0.0016)
CAMPS = [0.5, 0, 0, 0, 0.5]


def ranks(rng: np.random.Generator) -> list[list[object]]:
    """Two groups without a direction: p of the effect, of Mann-Whitney and of Brunner-Munzel."""
    cases = [
        (f"{name}, {n_a} and {n_b}", shape, shape, n_a, n_b)
        for name, shape in SHAPES.items()
        for n_a, n_b in ((15, 15), (30, 30), (12, 60))
    ]
    cases += [
        ("two camps against one mind, 30 and 30", CAMPS, [0.1, 0.2, 0.4, 0.2, 0.1], 30, 30),
        ("two camps against one mind, 20 and 60", CAMPS, [0, 0.1, 0.8, 0.1, 0], 20, 60),
    ]
    lines = []
    for name, a, b, n_a, n_b in cases:
        drawn = np.stack([rng.multinomial(n_a, a, DRAWS), rng.multinomial(n_b, b, DRAWS)], axis=1)
        pairs = placements(drawn.astype(float), np.array([0]), np.array([1]))
        found = {
            "p of the effect": effect_p(pairs),
            "Mann–Whitney": mann_whitney(pairs)[1],
            "Brunner–Munzel": brunner_munzel(pairs, 0.95)["p_bm"],
        }
        for test, p in found.items():
            known = p[np.isfinite(p)]
            lines.append([test, name, *(np.mean(known < level) for level in LEVELS)])
    return lines


def proportional_odds(rng: np.random.Generator, draws: int = 600) -> list[list[object]]:
    """Answers that follow the model: a city's and a sector's odds are the same at every cut."""
    lines = []
    for name, cuts in (("middling", [-2, -0.7, 0.5, 1.8]), ("skewed", [-4, -2.5, -1, 0.5])):
        for n in (46, 100):
            p: dict[str, list[float]] = {"city": [], "sector": []}
            for _ in range(draws):
                city, sector = np.repeat(["a", "b"], n), np.tile(["x", "y", "z"], 2 * n)[: 2 * n]
                eta = 0.6 * (city == "b") + 0.8 * (sector == "y")
                q = 1 + np.searchsorted(cuts, rng.logistic(size=2 * n) + eta)
                rows = pd.DataFrame({"city": city, "sector": sector, "q": q})
                found = cssp.proportional_odds_test(Answers(rows, {"q": ENTRY}), "q")
                for row in found.itertuples():
                    p[row.term].append(row.p)
            for term, told in p.items():
                known = np.array(told)[np.isfinite(told)]
                lines.append(
                    [
                        f"proportional odds, {term}",
                        f"{name}, {n} a city",
                        *(np.mean(known < level) for level in LEVELS),
                    ]
                )
    return lines


def item_bias(rng: np.random.Generator, draws: int = 300) -> list[list[object]]:
    """Two groups that differ in the trait by a standard deviation, and in no item besides."""
    scale = Index(name="s", label={"en": "s"}, items=[f"q{i}" for i in range(6)])
    lines = []
    for match in ("total", "rest"):
        for n in (56, 300):
            flagged = []
            for _ in range(draws):
                group = np.repeat(["a", "b"], n)
                trait = rng.normal(size=2 * n) + (group == "a")
                rows: dict[str, object] = {"respondent": range(2 * n), "city": group}
                for item in scale.items:
                    raw = 0.9 * trait + rng.normal(size=2 * n)
                    rows[item] = 1 + np.searchsorted([-1.2, -0.3, 0.5, 1.4], raw)
                book = {item: {**ENTRY, "item": item} for item in scale.items}
                found = cssp.item_bias(Answers(pd.DataFrame(rows), book), scale, match=match)
                flagged.append(found["p_adjusted"].min())
            lines.append(
                [
                    f"item bias, matched on the {match}",
                    f"any of six items, {n} a group",
                    *(np.mean(np.array(flagged) < level) for level in LEVELS),
                ]
            )
    return lines


def main(target: str) -> None:
    rng = np.random.default_rng(20240101)
    heads = ["test", "where nothing is there", *(f"{100 * level:g} %" for level in LEVELS)]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "---|" * len(LEVELS)]
    for test, case, *sizes in [*ranks(rng), *proportional_odds(rng), *item_bias(rng)]:
        told = " | ".join(f"{100 * size:.2f}" for size in sizes)
        lines.append(f"| {test} | {case} | {told} |")
    text = "\n".join(lines) + "\n"
    if target:
        put(Path(target), "<!-- made by make coverage: sizes -->", text)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
