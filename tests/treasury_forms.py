"""Forms 0503317 made up for the tests, in several layouts; their sums add up by construction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl

LEVELS = {
    "with_fund": "консолидированный бюджет субъекта Российской Федерации и территориального государственного внебюджетного фонда",
    "less_fund": "суммы, подлежащие исключению в рамках консолидированного бюджета субъекта Российской Федерации и бюджета территориального государственного внебюджетного фонда",
    "consolidated": "консолидированный бюджет субъекта Российской Федерации",
    "less": "суммы, подлежащие исключению в рамках консолидированного бюджета субъекта Российской Федерации",
    "subject": "бюджет субъекта Российской Федерации",
    "intracity": "бюджеты внутригородских муниципальных образований городов федерального значения",
    "okrugs": "бюджеты город-\nских округов",
    "municipal_okrugs": "бюджеты муниципальных округов",
    "districts": "бюджеты муниципальных районов",
    "urban": "бюджеты городских поселений",
    "rural": "бюджеты сельских поселений",
    "settlements": "бюджеты городских и сельских поселений",
    "fund": "бюджет территориального государственного внебюджетного фонда",
}
BUDGETS = (
    "subject",
    "intracity",
    "okrugs",
    "municipal_okrugs",
    "districts",
    "urban",
    "rural",
    "settlements",
)
USUAL = [name for name in LEVELS if name not in ("municipal_okrugs", "settlements")]


def lines(seed: int = 1, refund: bool = False) -> dict[tuple[str, str], dict[str, float]]:
    """(section, type) -> amounts of the single budgets and what is excluded, in kopecks, so that sums are exact."""
    random = np.random.default_rng(seed)
    found: dict[tuple[str, str], dict[str, float]] = {}
    for section in ("0100", "0700", "1000"):
        for number in (2, 3, 9):
            sub = f"{section[:2]}{number:02d}"
            for element in ("631", "633", "634", "244", "811"):
                amounts = {name: int(random.integers(0, 10**9)) for name in BUDGETS}
                if refund and (sub, element) == ("0702", "634"):
                    amounts["districts"] = -5_000
                less = int(random.integers(0, 10**8))
                steps = [
                    (sub, element),
                    (sub, element[:2] + "0"),
                    (sub, element[0] + "00"),
                    (sub, "000"),
                    (section, "000"),
                    ("", ""),
                ]
                for step in steps:
                    own = found.setdefault(step, dict.fromkeys([*BUDGETS, "less"], 0))
                    for name, value in amounts.items():
                        own[name] += value
                    own["less"] += less
    return found


def row_of(amounts: dict[str, float], names: list[str]) -> list[float | str]:
    """The cells of one line: single budgets as they are, what is made of them computed."""
    own = {name: amounts[name] for name in BUDGETS if name in names}
    told = {**own, "less": amounts["less"], "fund": 0, "less_fund": 0}
    told["consolidated"] = sum(own.values()) - amounts["less"]
    told["with_fund"] = told["consolidated"]
    return [told[name] / 100 if told[name] else "" for name in names]


def write_form(
    path: Path,
    names: list[str] | None = None,
    layout: str = "beside",
    code: str = "cells",
    day: str = "01.01.2022",
    budget: str = "Бюджет Республики Карелия",
    oktmo: str = "86701000",
    number: str = "0503317",
    unit: str = "Единица измерения: руб.",
    okei: str = "383",
    change=None,
    seed: int = 1,
    refund: bool = False,
) -> Path:
    """Write a form; `change(sheets)` may spoil the cells (lists of rows by sheet) before they are written."""
    names = names or USUAL
    head = [
        ["", "ОТЧЕТ ОБ ИСПОЛНЕНИИ КОНСОЛИДИРОВАННОГО БЮДЖЕТА"],
        ["", "", "Форма по ОКУД ", number],
        ["", "на 1 января", "Дата ", day],
        ["Наименование бюджета", budget, "по ОКТМО ", oktmo],
        ["Периодичность : Годовая"],
        [unit, "", "по ОКЕИ ", okei],
        ["1. Доходы бюджета"],
    ]
    width = {"cells": 4, "joined": 1, "spaced": 1}[code]

    def code_cells(section: str, kind: str) -> list[str]:
        if not section:
            return ["х", *[""] * (width - 1)]
        told = ["000", section, "0000000000", kind]
        return (
            told if code == "cells" else ["".join(told)] if code == "joined" else [" ".join(told)]
        )

    def block(measure: str, factor: int) -> list[list[object]]:
        top = [
            "Наименование\n показателя",
            "Код стро- ки",
            "Код расхода по бюджетной классификации",
            *[""] * (width - 1),
            measure,
            *[""] * (len(names) - 1),
        ]
        below = ["", "", *[""] * width, *[LEVELS[name] for name in names]]
        numbers = [1.0, 2.0, 3.0, *[""] * (width - 1), *[str(4 + i) for i in range(len(names))]]
        body = []
        table = lines(seed, refund)
        for section, kind in sorted(table):
            label = "Расходы бюджета - всего " if not section else f"Строка {section} {kind}"
            cells = row_of(table[section, kind], names)
            body.append(
                [
                    label,
                    "200" if not section else "",
                    *code_cells(section, kind),
                    *[c if c == "" else round(c * factor, 2) for c in cells],
                ]
            )
            if not section:
                body.append(["в том числе:"])
        body.append(["Результат исполнения бюджета", "450", "х"])
        return [top, below, numbers, *body]

    approved, executed = block("Утвержденные бюджетные назначения", 2), block("Исполнено", 1)
    if layout == "beside":
        wide = [
            [*a, *[""] * (2 + width + len(names) - len(a)), *b]
            for a, b in zip(approved, executed, strict=True)
        ]
        sheets = {"стр.1_2": head, "стр.3_4": [["2. Расходы бюджета"], *wide]}
    elif layout == "sheets":
        sheets = {
            "стр.1": head,
            "стр.3": [["2. Расходы бюджета"], *approved],
            "стр.4": [["2. Расходы бюджета"], *executed],
        }
    else:
        wide = [
            [*a, *[""] * (2 + width + len(names) - len(a)), *b]
            for a, b in zip(approved, executed, strict=True)
        ]
        sheets = {"Лист1": [*head, *[["доход", "010", "х"]] * 70, ["2. Расходы бюджета"], *wide]}
    if change is not None:
        change(sheets)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path
