"""Rows of a city's Treasury table, merged with those that are there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cssp.desk.treasury.form import Form
from cssp.desk.treasury.spending import npo_spending
from cssp.study.indicator_book import TreasuryMap
from cssp.study.problems import DataError, Problem, StudyError, short_path
from cssp.study.study import Study

COLUMNS = [
    "level",
    "kind",
    "year",
    "indicator",
    "value",
    "unit",
    "status",
    "source",
    "note",
    "source_ru",
    "note_ru",
    "file",
    "sha256",
    "form_date",
    "periodicity",
    "read_on",
]


#: Columns that files written by earlier versions lack.
_NEW = {"source_ru", "note_ru"}


def treasury_rows(
    study: Study, mapping: TreasuryMap, form: Form, today: date
) -> list[dict[str, str]]:
    """Return the rows that a Treasury form gives a city: amounts, source and note of each level."""
    book = study.indicators
    if form.months != 12:
        raise DataError(
            Problem(
                form.file,
                f"The form is of {form.date}: it covers {form.months} months of {form.year}, and "
                "the indicator table holds whole years.",
                f"Give the form of {form.year + 1}-01-01.",
            )
        )
    where = short_path(study.folder / study.file.indicators)
    common = {
        "year": str(form.year),
        "unit": "RUB",
        "status": "observed",
        "sha256": form.sha256,
        "file": Path(form.file).name,
        "form_date": form.date,
        "periodicity": form.periodicity,
        "read_on": today.isoformat(),
        "source": f"Federal Treasury, form 0503317 as of {form.date}, {form.region}, file "
        f"{Path(form.file).name}",
        "source_ru": f"Федеральное казначейство, форма 0503317 на {form.date}, {form.region}, файл "
        f"{Path(form.file).name}",
    }
    unfit = any(problem.severity == "error" for problem in form.problems)
    found = []
    for row in npo_spending(form, mapping.types).to_dict("records"):
        if not row["expenditure"] and not row["support"]:
            continue  # there are no municipalities of this kind in the region
        level, kind = (
            mapping.levels.get(row["level"], row["level"]),
            mapping.kinds.get(row["kind"], row["kind"]),
        )
        for what, name, names in (("level", level, book.levels), ("kind", kind, book.kinds)):
            if name and name not in names:
                raise StudyError(
                    Problem(
                        where,
                        f"The form has money of the {what} '{name}', which is not a {what} of the "
                        "study.",
                        f"Add it, or give it a name of the study under treasury.{what}s.",
                        column=f"{what}s",
                        value=name,
                    )
                )
        types = " + ".join(mapping.types)
        for indicator, value, note, note_ru in (
            (
                mapping.support,
                row["support"],
                f"executed, expenditure type {types}, sum of subsections",
                f"исполнено, вид расходов {types}, сумма подразделов",
            ),
            (
                mapping.expenditure,
                row["expenditure"],
                "executed, line 200",
                "исполнено, строка 200",
            ),
        ):
            if indicator is not None:
                line = {
                    "level": level,
                    "kind": kind,
                    "indicator": indicator,
                    "value": f"{value:.2f}",
                }
                line |= {"note": note, "note_ru": note_ru}
                if unfit:
                    line["note"] += "; the form's sums do not add up"
                    line["note_ru"] += "; суммы формы не сходятся"
                found.append({**common, **line})
    return found
