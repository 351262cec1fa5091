"""Each real survey through the intake: every item's frequencies are those of pandas on the raw file."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from conftest import REAL, decide, study_of

import cssp
from cssp.draft.questionnaire import draft_questionnaire
from cssp.draft.survey import add_city
from cssp.survey.load import readings_of
from cssp.tables.special_answers import bare

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real data (../shared/real) are not beside the project"
)
#: File -> further rows of headings that pandas must skip, and at least so many items to compare.
FILES = {
    "ess5_russia.sav": (0, 300),
    "forms_ru_digital_recruiting.csv": (0, 15),
    "forms_ru_digital_recruiting.xlsx": (0, 15),
    "limesurvey_2017_uk.csv": (0, 60),
    "ngo_relations_with_governments.csv": (0, 55),
    "qualtrics_donors_to_ngos.csv": (2, 15),
    "somerville_2015.csv": (0, 7),
}


def raw_columns(name: str) -> list[pd.Series]:
    """The columns of a file as texts (labels where SPSS has them), read by pandas and pyreadstat alone."""
    path = REAL / "survey" / name
    if name.endswith(".sav"):
        import pyreadstat

        frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
        columns = []
        for column in frame:
            labels = meta.variable_value_labels.get(column, {})
            columns.append(frame[column].map(lambda value, own=labels: own.get(value, value)))
        return columns
    if name.endswith(".xlsx"):
        frame = pd.read_excel(path, header=None, dtype=object)
    else:
        first = path.read_text(encoding="utf-8-sig").split("\n", 1)[0]
        frame = pd.read_csv(
            path,
            header=None,
            dtype=str,
            sep=";" if first.count(";") > first.count(",") else ",",
            keep_default_na=False,
            encoding="utf-8-sig",
        )
    return [frame[place].iloc[1 + FILES[name][0] :] for place in frame]


def counts(column: pd.Series) -> dict[str, int]:
    found: dict[str, int] = {}
    for value, count in column.dropna().value_counts().items():
        text = bare(f"{value:g}" if isinstance(value, float) else value)
        if text:
            found[text] = found.get(text, 0) + int(count)
    return found


@pytest.mark.parametrize("name", FILES)
def test_each_items_frequencies_are_those_of_the_file(name, tmp_path):
    study = study_of(tmp_path / "s")
    draft_questionnaire(REAL / "survey" / name, study / "questionnaire.yaml", "ru")
    decide(study / "questionnaire.yaml")
    path = add_city(cssp.load_study(study), "town", REAL / "survey" / name).path
    text = decide(path)
    text = re.sub(
        r"  sector:(\n    .*)+|  sector: \{column: TODO\}.*", "  sector: {all: npo}", text
    )
    text = re.sub(r"  (rows|respondent): .*\n", "", text)
    path.write_text(text, encoding="utf-8")
    opened = cssp.load_study(study)
    [reading] = readings_of(opened, opened.city("town"))
    refused = {problem.column for problem in reading.problems if problem.severity == "error"}
    names = [str(column) for column in reading.table.data.columns]
    raw = raw_columns(name)
    # columns without a heading and without a value are no columns
    raw = raw if len(raw) == len(names) else [c for c in raw if counts(c)]
    place = {column: number for number, column in enumerate(names)}
    compared = 0
    for item in opened.questionnaire.items:
        scale = opened.questionnaire.scale_of(item)
        column = reading.source.items[item.name].column
        if scale is None or column in refused:
            continue
        own = reading.rows[item.name].dropna().astype(int)
        said = {
            bare(re.sub(r" \(\d+\)$", "", entry.label["ru"])): int((own == entry.code).sum())
            for entry in reversed(scale.entries)
        }
        right = counts(raw[place[column]])
        missing = set(reading.source.missing) | {"na", "n/a", "nan", "#n/a"}
        declared = [p.value for p in reading.problems if p.column == column]
        if declared or len(said) < len(scale.entries):
            continue  # what the file declares as missing, and labels that stand twice
        right = {text: count for text, count in right.items() if text not in missing}
        assert {text: count for text, count in said.items() if count} == right, item.name
        compared += 1
    assert compared >= FILES[name][1]
