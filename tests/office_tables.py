"""Made-up tables as statistical offices publish them, and what they must come to.

The generator knows the truth: which rows are municipalities, of which kind, with which values.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import openpyxl

OKRUGS = ["город Вологда", "город Череповец", "г. о. Сокол"]
DISTRICTS = ["Бабаевский", "Шекснинский", "Вытегорский", "Череповецкий", "Никольский"]
CODES = dict(
    zip(
        [*OKRUGS, *DISTRICTS],
        ["19701000", "19730000", "19738000", "19605000", "19658000", "19622000", "19656000", "19634000"],
        strict=True,
    )
)  # fmt: skip


@dataclass
class Table:
    """A made-up table: its rows, its merged cells, and the truth."""

    rows: list[list[object]]
    merged: list[str]
    truth: dict[tuple[str, int], float | None]
    kinds: dict[str, str]
    dash: bool
    told: dict[str, object] = field(default_factory=dict)


def office_table(seed: int) -> Table:
    """Return a random table of residents by municipality and year."""
    rng = np.random.default_rng(seed)
    pick = lambda *choices: choices[int(rng.integers(len(choices)))]  # noqa: E731
    years = sorted(rng.choice(range(2011, 2021), size=int(pick(1, 2, 3)), replace=False).tolist())
    code, groups, subtotals = pick(True, False), pick(True, False), pick(True, False)
    total, numbered, notes = pick("top", "bottom", "none"), pick(True, False), pick(True, False)
    heads = pick(1, 2, 3) if len(years) > 1 else 1
    thousand = pick(True, False)
    okrugs = list(rng.permutation(OKRUGS)[: int(pick(2, 3))])
    districts = list(rng.permutation(DISTRICTS)[: int(pick(3, 4, 5))])
    unit = "тыс. человек" if thousand else "человек"
    values = {
        (name, year): int(rng.integers(4_000, 400_000)) * (100 if thousand else 1)
        for name in [*okrugs, *districts]
        for year in years
    }
    unknown = {(districts[0], years[0])} if pick(True, False) else set()
    dash = bool(pick(True, False)) and len(districts) > 3
    none = {(districts[1], years[-1])} if dash else set()
    style = pick("number", "blanks", "comma")

    def shown(persons: int) -> object:
        number = persons / 1000 if thousand else persons
        if style == "number":
            return number
        text = f"{number:,.1f}" if thousand else f"{number:,.0f}"
        return text.replace(",", "\u00a0" if style == "blanks" else " ").replace(".", ",")

    def line(name: str, parts: list[str], code_of: str = "") -> list[object]:
        cells: list[object] = [name, *([code_of] if code else [])]
        for year in years:
            known = [values[part, year] for part in parts if (part, year) not in unknown | none]
            one = (name, year)
            cells.append(
                pick("…", "...", "х")
                if one in unknown
                else "-"
                if one in none
                else shown(sum(known))
            )
        return cells

    def year_heading(year: int) -> object:
        return pick(year, str(year), f"{year} г.")

    title = f"Численность постоянного населения на 1 января, {unit}"
    width = 1 + code + len(years)
    first = [
        pick("Муниципальное образование", "Наименование территории"),
        *(["ОКТМО"] if code else []),
    ]
    rows: list[list[object]] = [[title]]
    merged: list[str] = []
    letter = lambda place: chr(65 + place)  # noqa: E731
    if len(years) == 1:
        rows[0] = [f"Численность населения на 1 января {years[0]} года, {unit}"]
        rows.append([*first, "Все население"])
    elif heads == 1:
        rows.append([*first, *map(year_heading, years)])
    else:
        top = ["Все население" if heads == 2 else "Население", *[None] * (len(years) - 1)]
        rows.append([*first, *top])
        merged.append(f"{letter(len(first))}2:{letter(width - 1)}2")
        if heads == 3:
            rows.append([*[None] * len(first), "на 1 января", *[None] * (len(years) - 1)])
            merged.append(f"{letter(len(first))}3:{letter(width - 1)}3")
        rows.append([*[None] * len(first), *map(year_heading, years)])
        for place in range(len(first)):
            merged.append(f"{letter(place)}2:{letter(place)}{1 + heads}")
    if numbered:
        rows.append(["А", *range(1, width)])
    body = []
    for parts, heading in ((okrugs, "Городские округа"), (districts, "Муниципальные районы")):
        if groups:
            body.append(line(f"{heading}, всего", parts) if subtotals else [f"{heading}:"])
        for name in parts:
            own = name if groups or parts is okrugs else f"{name} муниципальный район"
            row = line(name, [name], CODES[name])
            body.append([own, *row[1:]])
    whole = line(pick("Вологодская область", "Всего по области"), [*okrugs, *districts], "19000000")
    body = [whole, *body] if total == "top" else [*body, whole] if total == "bottom" else body
    rows += body
    if notes:
        rows += [["1) Предварительные данные."], ["Источник: Вологдастат"]]
    names = {
        name: name if groups or name in okrugs else f"{name} муниципальный район"
        for name in [*okrugs, *districts]
    }
    truth = {
        (names[name], year): None
        if (name, year) in unknown
        else 0.0
        if (name, year) in none
        else float(v)
        for (name, year), v in values.items()
    }
    kinds = {names[name]: "urban_okrug" for name in okrugs}
    kinds |= {names[name]: "municipal_district" for name in districts}
    return Table(rows, merged, truth, kinds, dash)


def write(table: Table, path: Path) -> Path:
    """Write a table as a workbook or a CSV, by the ending of the name."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(
                [["" if cell is None else cell for cell in row] for row in table.rows]
            )
        return path
    book = openpyxl.Workbook()
    for row in table.rows:
        book.active.append(row)
    for cells in table.merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path
