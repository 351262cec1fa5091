"""Random surveys in the manner of each service come back as they went out, or the intake asks."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from conftest import decide, study_of

import cssp
from cssp.draft.questionnaire import draft_questionnaire
from cssp.draft.survey import add_city
from cssp.simulate.exports import SECTORS, SERVICES, RandomSurvey, random_survey, write_export
from cssp.study.problems import CsspError, errors_in
from cssp.survey.load import readings_of
from cssp.tables.special_answers import bare

#: So many surveys a service; a longer search sets it.
SURVEYS = int(os.environ.get("CSSP_SURVEYS", "12"))


def intake_of(file: Path, folder: Path) -> tuple[str, dict[str, dict[str, int]]]:
    """Go the README's way, agree with every proposal; return what was asked, and question -> answer -> how many.

    Kobo's names of options are kept as they are, since the form has their labels.
    """
    study = study_of(folder)
    draft_questionnaire(file, study / "questionnaire.yaml", "ru")
    decide(study / "questionnaire.yaml")
    path, *_ = add_city(cssp.load_study(study), "town", file)
    text = decide(path)
    for name, label in SECTORS.items():
        text = text.replace(f'"{label}": TODO', f'"{label}": {name}')
    path.write_text(text, encoding="utf-8")
    asked = (study / "questionnaire.asked").read_text(encoding="utf-8") + path.with_suffix(
        ".asked"
    ).read_text(encoding="utf-8")
    opened = cssp.load_study(study)
    [reading] = readings_of(opened, opened.city("town"))
    if found := errors_in(reading.problems):
        return asked + str(found[0]), {}
    return asked, counts_of(opened, reading.rows)


def counts_of(study: cssp.Study, rows) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for item in study.questionnaire.items:
        wording = bare(next(iter(item.wording.values())))
        scale = study.questionnaire.scale_of(item)
        if scale is not None:
            own = rows[item.name].dropna()
            labels = {entry.code: entry.label["ru"] for entry in scale.entries}
            counts[wording] = {
                bare(label): int((own == code).sum()) for code, label in labels.items()
            }
        elif item.type == "multiple":
            own = rows[item.columns]
            counts[wording] = {
                bare(label["ru"]): int((own[column] == 1).sum())
                for column, label in item.labels.items()
            }
            counts[wording]["base"] = int(own.notna().any(axis=1).sum())
        elif item.type == "numeric":
            own = rows[item.name].dropna()
            counts[wording] = {"n": len(own), "sum": int(own.sum())}
    return counts


def right_of(survey: RandomSurvey, service: str) -> dict[str, dict[str, int]]:
    """Question -> answer -> how many, counted from the survey itself."""
    found: dict[str, dict[str, int]] = {}
    kobo = service == "kobo"
    joint = {
        "google_forms": "{} [{}]",
        "yandex_forms": "{} / {}",
        "limesurvey": "{} [{}]",
        "kobo": "",
        "qualtrics": "{} - {}",
        "surveymonkey": "{} [{}]",
        "spss": "{}: {}",
    }[service]
    for number, (row, answers) in enumerate(survey.grid.items(), 1):
        name = f"g{number}" if kobo else joint.format(survey.grid_question, row)
        found[bare(name)] = {bare(a): answers.count(a) for a in set(answers) - {""}}
    single = "w" if kobo else survey.single_question
    found[bare(single)] = {bare(a): survey.single.count(a) for a in set(survey.single)}
    numbers = [number for number in survey.numbers if number is not None]
    found[bare("y" if kobo else survey.number_question)] = {"n": len(numbers), "sum": sum(numbers)}
    names = [f"o{n}" for n in range(1, len(survey.options) + 1)] if kobo else survey.options
    several = {bare(o): int(survey.chosen[:, k].sum()) for k, o in enumerate(names)}
    several["base"] = int(survey.chosen.any(axis=1).sum())
    found[bare("m" if kobo else survey.multiple_question)] = several
    return found


def silent_differences(asked: str, got: dict, right: dict) -> list[str]:
    """What came back otherwise than it went out, without a TODO or an error that tells of it."""
    if not got:
        return []  # refused in a sentence
    differ = []
    for question, answers in right.items():
        own = got.get(question)
        if own is not None and {k: v for k, v in own.items() if v} == {
            k: v for k, v in answers.items() if v
        }:
            continue
        block = blocks(asked, question)
        if not re.search(r"TODO(?!: the name of this part)", block):
            differ.append(f"{question}: {own} instead of {answers}\n{block}")
    return differ


def blocks(asked: str, question: str) -> str:
    """The lines of the drafts that tell of a question."""
    items = re.split(r"(?m)^(?=\s+- name: )", asked)
    return "\n".join(
        item for item in items if bare(question)[:40] in bare(item.replace('\\"', '"'))
    )


@pytest.mark.parametrize("service", [*SERVICES, "spss"])
def test_random_surveys_come_back_as_they_went_out_or_are_asked_about(service, tmp_path):
    wrong, read = [], 0
    for seed in range(SURVEYS):
        survey = random_survey(seed, plain_options=False)
        ending = ".sav" if service == "spss" else ".csv"
        file = write_export(survey, service, tmp_path / f"{seed}{ending}")
        try:
            asked, got = intake_of(file, tmp_path / str(seed))
        except CsspError:
            continue  # one sentence, and nothing read
        differ = silent_differences(asked, got, right_of(survey, service))
        read += not differ and bool(got)
        wrong += [f"seed {seed}: {one}" for one in differ]
    assert not wrong, "\n".join(wrong[:5])
    assert read >= 0.5 * SURVEYS  # to refuse everything would be no intake
