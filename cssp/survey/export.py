"""The survey's answers back out.

For SPSS with labels and missing values, or as CSV with a codebook.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.study.problems import RunError, StudyError, nearest
from cssp.study.questionnaire import OPTION, Item
from cssp.study.read_yaml import in_language
from cssp.study.study import Study
from cssp.study.write_files import write_bytes, write_text
from cssp.survey.load import load_survey


def export_survey(
    study: Study, target: Path, cities: Iterable[str] | None = None, language: str = ""
) -> list[Path]:
    """Write the answers of some cities to a file.

    These are respondents' rows, so keep them as safe as the data they come from.

    Parameters
    ----------
    study : the study
    target : `.sav`: SPSS, with variable labels, value labels, user-missing special answers and
        levels of measurement; `.csv`: codes, and beside it
        `<name>_codebook.csv` with what each code means
    cities : which (None: all that have a survey)
    language : of the labels; empty: the study's first

    Returns
    -------
    the files written

    Raises
    ------
    RunError
        Another kind of file, or the library for SPSS files is missing.
    StudyError
        The study has no such language.
    """
    language = language or study.file.languages[0]
    if language not in study.file.languages:
        raise StudyError(
            f"The study has no language '{language}'. {nearest(language, study.file.languages)}"
        )
    if target.suffix.lower() not in (".sav", ".csv"):
        raise RunError(
            f"The answers are written to .sav or .csv, not to '{target.suffix}'; name a file with "
            "one of these endings."
        )
    answers = load_survey(study, cities).rows
    for name in answers.columns[answers.dtypes == "Float64"]:
        if (answers[name].dropna() % 1 == 0).all():
            answers[name] = answers[name].astype("Int64")  # whole numbers are written as such
    answers = answers.drop(
        columns=[
            item.name
            for item in study.questionnaire.items
            if item.type == "open" and answers[item.name].isna().all()
        ]
    )
    # made-up answers say so in every row, wherever the file goes
    status = {
        name: source.status
        for name in answers["city"].cat.categories
        if (source := study.city(name).file.survey)
    }
    answers["data"] = answers["city"].astype(str).map(status).astype(object)
    book = _codebook(study, answers, language)
    if target.suffix.lower() == ".csv":
        beside = target.with_name(f"{target.stem}_codebook.csv")
        write_text(target, answers.to_csv(index=False, lineterminator="\n"))
        write_text(beside, book.to_csv(index=False, lineterminator="\n"))
        return [target, beside]
    write_bytes(target, _sav(study, answers, book, language))
    return [target]


def _codebook(study: Study, answers: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a row for each variable and code: `variable, label, type, code, answer, special`."""
    lines: list[list[Any]] = [
        ["respondent", "respondent", "text", None, "", ""],
        ["data", "observed, simulated or invented", "text", None, "", ""],
        *(
            ["city", "city", "text", name, in_language(study.city(name).file.name, language), ""]
            for name in study.cities_with("survey")
        ),
        *(
            ["sector", "sector", "text", name, in_language(sector.label, language), ""]
            for name, sector in study.file.sectors.items()
        ),
    ]
    for item in study.questionnaire.items:
        scale = study.questionnaire.scale_of(item)
        for column in item.columns:
            if column not in answers:
                continue
            label = in_language(item.wording, language)
            if OPTION in column:
                label = f"{label} [{in_language(item.labels[column], language)}]"
            if scale is not None:
                lines += [
                    [column, label, item.type, answer.code, in_language(answer.label, language), ""]
                    for answer in scale.answers
                ]
                lines += [
                    [
                        column,
                        label,
                        item.type,
                        special.code,
                        in_language(special.label, language),
                        special.means,
                    ]
                    for special in scale.special
                ]
            elif item.type == "multiple":
                lines += [
                    [column, label, item.type, code, ("not chosen", "chosen")[code], ""]
                    for code in (0, 1)
                ]
            else:
                lines.append([column, label, item.type, None, "", ""])
    return pd.DataFrame(lines, columns=["variable", "label", "type", "code", "answer", "special"])


def _sav(study: Study, answers: pd.DataFrame, book: pd.DataFrame, language: str) -> bytes:
    try:
        pyreadstat: Any = importlib.import_module("pyreadstat")
    except ImportError:
        raise RunError(
            "Writing .sav needs the library pyreadstat: pip install 'cssp[spss]'"
        ) from None
    table = pd.DataFrame(index=answers.index)
    labels, values, missing, measure, formats = {}, {}, {}, {}, {}
    items = {column: item for item in study.questionnaire.items for column in item.columns}
    names = _short_names(list(answers.columns))
    for column in answers.columns:
        name, item = names[column], items.get(str(column))
        rows = book[book["variable"] == column]
        labels[name] = str(rows["label"].iloc[0])[:255] if len(rows) else str(column)
        measure[name] = _measure(item)
        if item is None and column in ("city", "sector"):
            known = list(answers[column].cat.categories)
            table[name] = answers[column].cat.codes.astype(float) + 1
            value_labels = dict(zip(rows["code"], rows["answer"], strict=True))
            values[name] = {
                number: value_labels.get(one, str(one)) for number, one in enumerate(known, 1)
            }
        elif (item is None and column in ("respondent", "data")) or (
            item is not None and item.type == "open"
        ):
            table[name] = (
                answers[column].astype(object).where(answers[column].notna(), "").astype(str)
            )
        else:
            table[name] = (
                answers[column].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
            )
        coded = rows[rows["code"].notna()] if item is not None else rows.iloc[:0]
        if len(coded):
            values[name] = {
                int(code): str(answer)[:120]
                for code, answer in zip(coded["code"], coded["answer"], strict=True)
            }
        outside = sorted(int(code) for code in coded.loc[coded["special"] != "", "code"])
        if outside:
            missing[name] = _ranges(outside)
    for name in table.columns:
        if pd.api.types.is_float_dtype(table[name]) and (table[name].dropna() % 1 == 0).all():
            formats[name] = "F8.0"
    title = in_language(study.file.title, language)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.sav"
        pyreadstat.write_sav(
            table,
            str(path),
            column_labels=labels,
            variable_value_labels=values,
            missing_ranges=missing,
            variable_measure=measure,
            variable_format=formats,
            file_label=title if len(title) <= 60 else title[:60].rsplit(" ", 1)[0],
        )
        return path.read_bytes()


def _measure(item: Item | None) -> str:
    if item is None:
        return "nominal"
    return {"ordinal": "ordinal", "ranking": "ordinal", "numeric": "scale"}.get(
        item.type, "nominal"
    )


def _ranges(codes: list[int]) -> list[Any]:
    """SPSS takes up to three missing values, or a range.

    Three or fewer codes are named, more become the range they span.
    """
    return (
        [float(code) for code in codes]
        if len(codes) <= 3
        else [{"lo": float(codes[0]), "hi": float(codes[-1])}]
    )


def _short_names(columns: list[str]) -> dict[str, str]:
    """SPSS allows 64 bytes a name: longer names are cut and numbered."""
    taken: set[str] = set()
    found = {}
    for column in columns:
        base = str(column).encode()[:60].decode(errors="ignore")
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base[:56]}_{number}"
        taken.add(name.casefold())
        found[column] = name
    return found
