"""Forms that services describe themselves: drafted, checked, and the data that were gathered with them read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import decide

import cssp
from cssp import DataError
from cssp.draft.new_study import new_study
from cssp.draft.questionnaire import draft_questionnaire
from cssp.draft.survey import add_city
from cssp.study.questionnaire import Questionnaire
from cssp.study.read_yaml import read_model
from cssp.study.sources import Format
from cssp.tables.read import read_table

QUESTIONS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><languages><language>en</language></languages>
{answers}<questions><rows>
{questions}</rows></questions>{subquestions}{texts}</document>"""


def rows(kind: str, entries: list[dict[str, object]]) -> str:
    told = "".join(
        "<row>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in one.items()) + "</row>"
        for one in entries
    )
    return f"<{kind}><rows>{told}</rows></{kind}>"


def structure(new: bool) -> str:
    """Write one survey in LimeSurvey's older manner (texts in the rows) and its newer one (apart)."""
    asked = [
        (1, 0, "L", "trust", "<p>How far do you <b>trust</b> NGOs?</p>", 1),
        (2, 0, "M", "forms", "Which forms of work?", 2),
        (3, 0, "F", "rate", "Rate them", 3),
        (4, 0, "N", "years", "How many years?", 4),
        (5, 0, "S", "why", "Why?", 5),
        (6, 0, "Y", "had", "Had you a project?", 6),
        (7, 0, "X", "note", "Thank you", 7),
    ]
    below = [
        (8, 2, "T", "SQ001", "Grants", 1),
        (9, 2, "T", "SQ002", "Advice: free / paid", 2),
        (10, 3, "T", "SQ001", "Town", 1),
        (11, 3, "T", "SQ002", "Firms", 2),
    ]
    answers = [
        (qid, f"A{place}", label, place)
        for qid in (1, 3)
        for place, label in enumerate(["Very poor", "Poor", "Good", "Very good", "Hard to say"], 1)
    ]
    keys = ("qid", "parent_qid", "type", "title", "question", "question_order")
    main, sub = (
        [dict(zip(keys, one, strict=True)) | {"gid": 1} for one in part] for part in (asked, below)
    )
    listed = [
        dict(zip(("qid", "code", "answer", "sortorder"), one, strict=True)) | {"aid": number}
        for number, one in enumerate(answers)
    ]
    texts = ""
    if new:
        texts = rows(
            "question_l10ns",
            [
                {"qid": one["qid"], "question": one.pop("question"), "language": "en"}
                for one in (*main, *sub)
            ],
        )
        texts += rows(
            "answer_l10ns",
            [{"aid": one["aid"], "answer": one.pop("answer"), "language": "en"} for one in listed],
        )
    else:
        for one in (*main, *sub, *listed):
            one["language"] = "en"
    inner = rows("questions", main)[len("<questions><rows>") : -len("</rows></questions>")]
    return QUESTIONS.format(
        answers=rows("answers", listed),
        questions=inner,
        subquestions=rows("subquestions", sub),
        texts=texts,
    )


def drafted(path: Path, folder: Path, language: str = "en") -> Questionnaire:
    draft_questionnaire(path, folder / "questionnaire.yaml", language=language, replace=True)
    decide(folder / "questionnaire.yaml")
    return read_model(folder / "questionnaire.yaml", Questionnaire)


@pytest.mark.parametrize("new", [False, True])
def test_a_limesurvey_structure(tmp_path, new):
    path = tmp_path / "survey.lss"
    path.write_text(structure(new), encoding="utf-8")
    book = drafted(path, tmp_path)
    assert {item.name: item.type for item in book.items} == {
        "trust": "ordinal",
        "forms": "multiple",
        "rate_sq001": "ordinal",
        "rate_sq002": "ordinal",
        "years": "numeric",
        "why": "open",
        "had": "single",
    }
    trust = book.item("trust")
    assert trust.wording["en"] == "How far do you trust NGOs?"
    scale = book.scale_of(trust)
    assert [answer.label["en"] for answer in scale.answers] == [
        "Very poor",
        "Poor",
        "Good",
        "Very good",
    ]
    assert scale.special[0].means == "hard_to_say"
    assert [answer.written for answer in scale.answers] == [["A1"], ["A2"], ["A3"], ["A4"]]
    assert [one["en"] for one in book.item("forms").options.values()] == [
        "Grants",
        "Advice: free / paid",
    ]


def test_data_in_answer_codes_are_read_by_the_structure(tmp_path):
    """LimeSurvey's export with codes: `A3`, `Y`, `forms[SQ001]`."""
    study = tmp_path / "study"
    new_study(study)
    path = tmp_path / "survey.lss"
    path.write_text(structure(new=True), encoding="utf-8")
    drafted(path, study)
    data = pd.DataFrame(
        {
            "id": range(1, 13),
            "submitdate": "2026-01-01 10:00:00",
            "lastpage": 3,
            "startlanguage": "en",
            "seed": 1,
            "sector": ["npo"] * 12,
            "trust": ["A1", "A2", "A3", "A4", "A5", "A5"] * 2,
            "forms[SQ001]": ["Y", ""] * 6,
            "forms[SQ002]": ["Y", "Y", ""] * 4,
            "rate[SQ001]": ["A1"] * 6 + ["A4"] * 6,
            "rate[SQ002]": ["A2"] * 12,
            "years": range(12),
            "why": "",
            "had": ["Y", "N"] * 6,
        }
    )
    data.to_csv(tmp_path / "data.csv", index=False)
    add_city(cssp.load_study(study), "town", tmp_path / "data.csv")
    decide(study / "cities" / "town" / "city.yaml")
    opened = cssp.load_study(study)
    answers = cssp.load_survey(opened, ["town"])
    assert answers["trust"].tolist() == [1, 2, 3, 4, 97, 97] * 2
    assert answers["rate_sq001"].tolist() == [1] * 6 + [4] * 6
    assert answers["forms__sq001"].sum() == 6 and answers["forms__sq002"].sum() == 8
    assert set(answers["had"].dropna()) <= {1, 2} and answers["had"].nunique() == 2


def test_an_lss_that_is_none_is_one_sentence(tmp_path):
    for text, told in (("<a>", "no XML"), ("<document><x/></document>", "no structure")):
        path = tmp_path / "bad.lss"
        path.write_text(text)
        with pytest.raises(DataError, match=told):
            draft_questionnaire(path, tmp_path / "q.yaml")
        assert not (tmp_path / "q.yaml").exists()


HEAD = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,'
    "Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max,"
    "Identifier?,Branching Logic (Show field only if...),Required Field?"
)
DICTIONARY = f"""{HEAD}
record_id,main,,text,Record,,,,,,,,
full_name,main,,text,Your full name,,,,,,y,,
trust,main,,radio,How far do you trust NGOs?,"1, Very poor | 2, Poor | 3, Good | 4, Very good | 99, Hard to say",,,,,,,
forms,main,,checkbox,Which forms of work?,"1, Grants | 2, Advice, free or paid | 3, Other",,,,,,,
had,main,,yesno,Had you a project?,,,,,,,,
years,main,,text,How many years?,,,integer,,,,[had]='1',
total,main,,calc,Total,[years]*2,,,,,,,
"""


def test_a_redcap_dictionary_and_its_data(tmp_path):
    study = tmp_path / "study"
    new_study(study)
    path = tmp_path / "dictionary.csv"
    path.write_text(DICTIONARY, encoding="utf-8")
    told = draft_questionnaire(path, study / "questionnaire.yaml", language="en", replace=True)
    assert told.wrote == "a REDCap data dictionary" and told.left_out == ["Your full name"]
    assert "asked_if" in (study / "questionnaire.yaml").read_text()
    decide(study / "questionnaire.yaml")
    book = read_model(study / "questionnaire.yaml", Questionnaire)
    assert {item.name: item.type for item in book.items} == {
        "record_id": "open",
        "trust": "ordinal",
        "forms": "multiple",
        "had": "single",
        "years": "numeric",
    }
    assert book.scale_of(book.item("trust")).special[0].code == 99
    data = pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(10)],
            "full_name": "A. B.",
            "sector": "npo",
            "trust": [1, 2, 3, 4, 99] * 2,
            "forms___1": [1, 0] * 5,
            "forms___2": [0, 0, 1, 1, 1] * 2,
            "forms___3": [1] + [0] * 9,
            "had": [1, 0] * 5,
            "years": range(10),
        }
    )
    data.to_csv(tmp_path / "data.csv", index=False)
    add_city(cssp.load_study(study), "town", tmp_path / "data.csv")
    decide(study / "cities" / "town" / "city.yaml")
    answers = cssp.load_survey(cssp.load_study(study), ["town"])
    assert answers["trust"].tolist() == data["trust"].tolist()
    for option, column in (("1", "forms___1"), ("2", "forms___2"), ("3", "forms___3")):
        assert answers[f"forms__option_{option}"].tolist() == data[column].tolist()
    assert "A. B." not in answers.rows.to_csv()


def test_yandex_forms_are_recognised_and_their_columns_left_out(tmp_path):
    path = tmp_path / "answers.csv"
    pd.DataFrame(
        {
            "ID": range(8),
            "Время создания": "2026-03-01 10:00:00",
            "Ваш сектор": ["НКО"] * 8,
            "Как Вы оцениваете пользу НКО?": ["Хорошо", "Плохо", "Средне", "Очень хорошо"] * 2,
            "IP": "10.0.0.1",
            "Почта": "a@b.ru",
        }
    ).to_csv(path, index=False, sep=";")
    table = read_table(path, Format(), tell_service=True)
    assert table.read_as["layout"] == "yandex_forms"
    told = draft_questionnaire(path, tmp_path / "q.yaml", language="ru")
    assert not {"IP", "Почта", "ID"} & set("|".join(told.table["columns"]).split("|"))
    text = (tmp_path / "q.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["sections"] and "10.0.0.1" not in text and "a@b.ru" not in text
