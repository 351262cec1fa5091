"""The same answers through the door of every service: recognised, mapped without code, and read alike."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from conftest import REAL, ROOT, coded, decide

import cssp
from cssp.draft.questionnaire import draft_questionnaire
from cssp.draft.survey import add_city
from cssp.study.questionnaire import Questionnaire
from cssp.study.read_yaml import in_language, read_model
from cssp.survey.export import export_survey
from cssp.tables.answer_order import ordinal_places
from cssp.tables.read import read_table
from cssp.tables.service import plain_text, read_heading
from cssp.tables.special_answers import special_meaning

CITY = "petrozavodsk"


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return cssp.load_survey(cssp.load_study(ROOT / "data"), [CITY])


def labelled(study: cssp.Study, answers: pd.DataFrame, language: str = "ru") -> pd.DataFrame:
    """Answers as a person gave them: labels, sectors by name."""
    table = pd.DataFrame(
        {
            "respondent": answers["respondent"],
            "sector": [
                in_language(study.file.sectors[s].label, language) for s in answers["sector"]
            ],
        }
    )
    for item in study.questionnaire.items:
        scale = study.questionnaire.scale_of(item)
        for column in item.columns:
            if scale is not None:
                words = {entry.code: in_language(entry.label, language) for entry in scale.entries}
                table[column] = [
                    words.get(code, "") if code is not pd.NA else "" for code in answers[column]
                ]
            else:
                table[column] = [
                    ""
                    if value is pd.NA or value is None or value != value
                    else f"{value:g}"
                    if item.type != "open"
                    else str(value)
                    for value in answers[column]
                ]
    return table


def options_of(study: cssp.Study, item, row, language: str = "ru") -> list[str]:
    return [
        in_language(label, language) for column, label in item.labels.items() if row[column] == "1"
    ]


def wording(item, language: str = "ru") -> str:
    return in_language(item.wording, language)


def write(path: Path, rows: list[list[object]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def limesurvey(study, table, folder) -> Path:
    head, rows = (
        ["id. Response ID", "submitdate. Date submitted", "sector. Сектор"],
        [
            [r, "2026-01-01 10:00:00", s]
            for r, s in zip(table["respondent"], table["sector"], strict=True)
        ],
    )
    for item in study.questionnaire.items:
        for column, label in item.labels.items():
            if item.type in ("multiple", "ranking"):
                option = column.split("__")[1]
                head.append(
                    f"{item.name}[{option}]. <p>{wording(item)}</p> [{in_language(label, 'ru')}]"
                )
            else:
                head.append(f"{item.name}. <span style='x'>{wording(item)}</span>")
            yes = {"1": "Да", "0": "Нет"} if item.type == "multiple" else {}
            for row, value in zip(rows, table[column], strict=True):
                row.append(yes.get(value, value))
    return write(folder / "lime.csv", [head, *rows])


def google_forms(study, table, folder) -> Path:
    head, rows = (
        ["Отметка времени", "№", "Сектор"],
        [
            ["01.02.2026 10:11:12", r, s]
            for r, s in zip(table["respondent"], table["sector"], strict=True)
        ],
    )
    records = table.to_dict("records")
    for item in study.questionnaire.items:
        if item.type == "multiple":
            head.append(wording(item))
            for row, record in zip(rows, records, strict=True):
                row.append(", ".join(options_of(study, item, record)))
        elif item.type == "ranking":
            for place in range(1, (item.ranks or 9) + 1):
                head.append(f"{wording(item)} [{place}]")
                for row, record in zip(rows, records, strict=True):
                    row.append(
                        "".join(
                            in_language(label, "ru")
                            for column, label in item.labels.items()
                            if record[column] == str(place)
                        )
                    )
        else:
            head.append(wording(item))
            for row, value in zip(rows, table[item.name], strict=True):
                row.append(value)
    return write(folder / "forms.csv", [head, *rows])


def kobo(study, table, folder) -> Path:
    head, rows = (
        ["start", "end", "_id", "_uuid", "_submission_time", "sector"],
        [
            ["2026-02-01T10:00:00", "", r, "u", "2026", s]
            for r, s in zip(table["respondent"], table["sector"], strict=True)
        ],
    )
    records = table.to_dict("records")
    for item in study.questionnaire.items:
        if item.type == "multiple":
            head.append(f"main/{item.name}")
            for row, record in zip(rows, records, strict=True):
                row.append(
                    " ".join(
                        column.split("__")[1] for column in item.columns if record[column] == "1"
                    )
                )
        for column in item.columns:
            head.append(
                f"main/{item.name}/{column.split('__')[1]}"
                if item.type == "multiple"
                else f"main/{column}"
            )
            for row, record in zip(rows, records, strict=True):
                row.append(record[column])
    return write(folder / "kobo.csv", [head, *rows], ";")


def qualtrics(study, table, folder) -> Path:
    names, long = (
        ["StartDate", "ResponseId", "Duration (in seconds)", "sector"],
        ["Start Date", "Response ID", "Duration (in seconds)", "Sector"],
    )
    rows = [
        ["2026-01-01", r, 300, s] for r, s in zip(table["respondent"], table["sector"], strict=True)
    ]
    for item in study.questionnaire.items:
        for column, label in item.labels.items():
            names.append(column)
            several = item.type in ("multiple", "ranking")
            long.append(
                f"{wording(item)}\n\n- {in_language(label, 'ru')}" if several else wording(item)
            )
            text = in_language(label, "ru") if item.type == "multiple" else None
            for row, value in zip(rows, table[column], strict=True):
                row.append({"1": text, "0": ""}.get(value, value) if text else value)
    third = [f'{{"ImportId":"{name}"}}' for name in names]
    return write(folder / "qualtrics.csv", [names, long, third, *rows])


def surveymonkey(study, table, folder) -> Path:
    first, second = ["Respondent ID", "Collector ID", "Сектор"], ["", "", "Response"]
    rows = [[r, "c", s] for r, s in zip(table["respondent"], table["sector"], strict=True)]
    for item in study.questionnaire.items:
        for number, (column, label) in enumerate(item.labels.items()):
            several = item.type in ("multiple", "ranking")
            first.append(wording(item) if number == 0 else "")
            second.append(
                in_language(label, "ru")
                if several
                else "Open-Ended Response"
                if item.type == "open"
                else "Response"
            )
            text = in_language(label, "ru") if item.type == "multiple" else None
            for row, value in zip(rows, table[column], strict=True):
                row.append({"1": text, "0": ""}.get(value, value) if text else value)
    return write(folder / "monkey.csv", [first, second, *rows])


SERVICES = {
    "limesurvey": limesurvey,
    "google_forms": google_forms,
    "kobo": kobo,
    "qualtrics": qualtrics,
    "surveymonkey": surveymonkey,
}


def added(copy: Path, file: Path) -> pd.DataFrame:
    """Add the file as a city by the tool alone, decide its TODOs, and load it."""
    path, proposal, _, _ = add_city(cssp.load_study(copy), "new_city", file)
    assert (proposal["matched_by"] != "").all(), proposal[proposal["matched_by"] == ""]
    text = path.read_text(encoding="utf-8")
    assert "check the separator" not in text
    path.write_text(re.sub(r'"TODO[^"]*"', '"told"', text), encoding="utf-8")
    study = cssp.load_study(copy)
    problems = cssp.check(study, ["new_city"])
    assert not (problems["severity"] == "error").any(), problems.to_string()
    return cssp.load_survey(study, ["new_city"])


@pytest.mark.parametrize("service", SERVICES)
def test_an_export_of_each_service_is_read_without_code(service, copy, answers, tmp_path):
    study = cssp.load_study(copy)
    file = SERVICES[service](study, labelled(study, answers), tmp_path)
    assert read_table(file, tell_service=True).read_as["layout"] == service
    found = added(copy, file)
    for column in answers.columns:
        if column in ("city", "respondent"):
            continue
        own, theirs = answers[column].astype("object"), found[column].astype("object")
        same = (own == theirs) | (own.isna() & theirs.isna())
        assert same.fillna(False).all(), (
            column,
            own[~same.fillna(False)].head(),
            theirs[~same.fillna(False)].head(),
        )
    assert ("duration" in found) == (service == "qualtrics")


def test_our_own_sav_comes_back_as_it_went(copy, answers, tmp_path):
    study = cssp.load_study(copy)
    (file,) = export_survey(study, tmp_path / "out.sav", [CITY], "ru")
    table = read_table(file)
    item = next(i for i in study.questionnaire.items if i.type == "ordinal")
    assert table.headings[item.name] == wording(item)
    assert table.declared_missing[item.name] == [(97, 97), (98, 98), (99, 99)]
    found = added(copy, file)
    for name in study.questionnaire.names("ordinal", "single"):
        assert found[name].equals(answers[name].reset_index(drop=True)), name


def test_csv_goes_with_its_codebook(study, tmp_path):
    data, book = export_survey(study, tmp_path / "out.csv", language="en")
    columns = pd.read_csv(data).columns
    told = pd.read_csv(book)
    assert set(told["variable"]) == set(columns)
    assert (pd.read_csv(data)["data"] == "simulated").all()
    assert (told.loc[told["special"] == "hard_to_say", "answer"] == "hard to say").all()
    with pytest.raises(cssp.RunError, match=r"\.sav or \.csv"):
        export_survey(study, tmp_path / "out.xlsx")
    with pytest.raises(cssp.StudyError, match="no language 'de'"):
        export_survey(study, tmp_path / "out.csv", language="de")


def test_a_translated_google_forms_heading_is_still_recognised(tmp_path):
    file = write(
        tmp_path / "f.csv",
        [
            ["Aikaleima", "Miten arvioit kaupungin avoimuutta?"],
            *[[f"2.1.2026 klo 10:0{i}:00".replace("klo ", ""), "hyvä"] for i in range(5)],
        ],
    )
    assert read_table(file, tell_service=True).read_as["layout"] == "google_forms"


def test_headings_lose_their_html():
    assert (
        plain_text("<p>How <b>open</b>&nbsp;is it?<br/></p><script>x()</script>")
        == "How open is it?"
    )
    assert plain_text("less than 5 < 7 and a > b") == "less than 5 < 7 and a > b"
    heading = read_heading([["q1[SQ1]. <p>Trust</p> [the police]", "plain"]], "limesurvey")
    assert (heading.names, heading.long) == (
        ["q1[SQ1]", "plain"],
        {"q1[SQ1]": "Trust [the police]"},
    )


@pytest.mark.parametrize(
    ("answers_", "lowest", "highest"),
    [
        (
            ["Полностью согласен", "Скорее согласен", "Скорее не согласен", "Совсем не согласен"],
            "Совсем не согласен",
            "Полностью согласен",
        ),
        (["Да", "Скорее да", "Скорее нет", "Нет"], "Нет", "Да"),
        (
            ["хорошо", "очень плохо", "средне", "плохо", "очень хорошо"],
            "очень плохо",
            "очень хорошо",
        ),
        (
            [
                "Strongly agree",
                "Agree",
                "Neither agree nor disagree",
                "Disagree",
                "Strongly disagree",
            ],
            "Strongly disagree",
            "Strongly agree",
        ),
        (["Never", "Sometimes", "Always", "Rarely", "Often"], "Never", "Always"),
        (
            ["1 (None at all)", "2", "5 (A great deal)", "3", "4"],
            "1 (None at all)",
            "5 (A great deal)",
        ),
        (
            ["Совершенно не доверяю", "Скорее доверяю", "Полностью доверяю", "Скорее не доверяю"],
            "Совершенно не доверяю",
            "Полностью доверяю",
        ),
        (
            ["Very satisfied", "Somewhat dissatisfied", "Somewhat satisfied", "Very dissatisfied"],
            "Very dissatisfied",
            "Very satisfied",
        ),
    ],
)
def test_usual_scales_are_ordered(answers_, lowest, highest):
    places = ordinal_places(answers_)
    assert places is not None
    assert min(places, key=lambda one: places[one][0]) == lowest
    assert max(places, key=lambda one: places[one][0]) == highest


@pytest.mark.parametrize(
    "answers_",
    [["Москва", "Казань"], ["yes", "no"], ["good", "Moscow"], ["1", "2", "two"], ["2010", "2011"]],
)
def test_other_answers_are_not_called_ordered(answers_):
    assert ordinal_places(answers_) is None


def test_answers_outside_the_scale_are_known():
    assert special_meaning("ЗАТРУДНЯЮСЬ  ответить") == "hard_to_say"
    assert special_meaning("Don’t know") == "hard_to_say"
    assert special_meaning("Отказ от ответа") == "refused"
    assert special_meaning("знаю хорошо") is None


def test_a_drafted_questionnaire_is_one(tmp_path, study, answers):
    file = google_forms(study, labelled(study, answers), tmp_path)
    table, *_ = draft_questionnaire(file, tmp_path / "q.yaml", "ru")
    book = read_model(tmp_path / "q.yaml", Questionnaire)
    assert len(book.items) == len(table)
    ordinal = [item for item in book.items if item.type == "ordinal"]
    assert len(ordinal) >= 0.8 * len(study.questionnaire.names("ordinal"))
    rating = next(
        book.scale_of(item)
        for item in ordinal
        if in_language(item.wording, "ru") == wording(study.questionnaire.item("npo_useful"))
    )
    own = study.questionnaire.scales["rating"]
    assert [in_language(a.label, "ru") for a in rating.answers] == [
        in_language(a.label, "ru") for a in own.answers
    ]
    assert [a.valence for a in rating.answers] == [a.valence for a in own.answers]
    assert {s.means for s in rating.special} <= {"hard_to_say", "refused"}
    with pytest.raises(cssp.RunError, match="there already"):
        draft_questionnaire(file, tmp_path / "q.yaml")


def test_an_xlsform_is_read_as_a_form(tmp_path):
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    for row in (
        ["type", "name", "label::Русский (ru)"],
        ["start", "start", None],
        ["select_one rate", "open", "Насколько открыта власть?"],
        ["select_multiple forms", "forms", "Какие формы?"],
        ["integer", "years", "Сколько лет?"],
        ["note", "n", "Спасибо"],
    ):
        survey.append(row)
    choices = book.create_sheet("choices")
    for row in (
        ["list_name", "name", "label::Русский (ru)"],
        ["rate", "1", "плохо"],
        ["rate", "2", "средне"],
        ["rate", "3", "хорошо"],
        ["forms", "a", "грант"],
        ["forms", "b", "событие"],
    ):
        choices.append(row)
    book.save(tmp_path / "form.xlsx")
    table, *_ = draft_questionnaire(tmp_path / "form.xlsx", tmp_path / "q.yaml", "ru")
    assert table["type"].tolist() == ["ordinal", "multiple", "numeric"]
    read_model(tmp_path / "q.yaml", Questionnaire)


def test_five_thousand_columns_are_no_trouble(tmp_path):
    rows = np.random.default_rng(0).integers(1, 6, (20, 5000))
    file = write(tmp_path / "wide.csv", [[f"q{i}" for i in range(5000)], *rows.tolist()])
    table, *_ = draft_questionnaire(file, tmp_path / "q.yaml")
    assert len(table) == 5000
    answers = pd.DataFrame(rows, columns=[f"q{i}" for i in range(5000)]).assign(city="a")
    assert (
        len(cssp.frequency_table(coded(answers), [f"q{i}" for i in range(5000)], by=["city"]))
        == 5000
    )


@pytest.mark.skipif(not REAL.exists(), reason="the real data are not beside the project")
@pytest.mark.parametrize(
    "name",
    [
        "ess5_russia.sav",
        "forms_ru_digital_recruiting.csv",
        "forms_ru_digital_recruiting.xlsx",
        "limesurvey_2017_uk.csv",
        "limesurvey_2018_all_countries.csv",
        "ngo_relations_with_governments.csv",
        "qualtrics_donors_to_ngos.csv",
        "somerville_2015.csv",
    ],
)
def test_every_real_survey_gets_a_questionnaire(name, tmp_path):
    table, *_ = draft_questionnaire(REAL / "survey" / name, tmp_path / "q.yaml")
    book = read_model(tmp_path / "q.yaml", Questionnaire)
    assert len(book.items) == len(table) > 5
    assert (table["type"] == "ordinal").sum() >= 1
    yaml.safe_load((tmp_path / "q.yaml").read_text(encoding="utf-8"))


@pytest.mark.skipif(not REAL.exists(), reason="the real data are not beside the project")
def test_real_exports_are_recognised():
    found = {
        path.name: read_table(path, tell_service=True).read_as.get("layout", "plain")
        for path in (REAL / "survey").iterdir()
    }
    assert found["qualtrics_donors_to_ngos.csv"] == "qualtrics"
    assert (
        found["limesurvey_2017_uk.csv"]
        == found["limesurvey_2018_all_countries.csv"]
        == "limesurvey"
    )
    assert found["ess5_russia.sav"] == found["somerville_2015.csv"] == "plain"


# ------------------------------------------------------------ what a first-time user broke


def round_trip(
    tmp_path: Path, file: Path, sector: str = "{all: npo}", values: str = ""
) -> pd.DataFrame:
    """new -> draft-questionnaire -> add -> load of one file, nothing decided by hand but where the respondents come from."""
    from cssp.draft.new_study import new_study

    folder = tmp_path / "study"
    new_study(folder)
    (folder / "questionnaire.yaml").unlink()
    draft_questionnaire(file, folder / "questionnaire.yaml")
    decide(folder / "questionnaire.yaml")
    path, *_ = add_city(cssp.load_study(folder), "here", file)
    text = decide(path)
    text = re.sub(r"  sector:(\n    .*)+|  sector: \{column: TODO\}.*", f"  sector: {sector}", text)
    path.write_text(text + values, encoding="utf-8")
    study = cssp.load_study(folder)
    problems = cssp.check(study, ["here"])
    assert not (problems["severity"] == "error").any(), problems.to_string()
    return cssp.load_survey(study, ["here"])


def test_an_answer_with_a_number_of_its_own_keeps_it_as_its_code(tmp_path):
    cells = ["0 - Not at all", "1", "2", "5 - Completely", "3", "4"] * 5
    found = round_trip(
        tmp_path,
        write(tmp_path / "f.csv", [["How satisfied are you?"], *[[cell] for cell in cells]]),
    )
    item = found.columns[3]
    assert found[item].tolist() == [int(cell[0]) for cell in cells]


def test_zeros_and_ones_stay_what_they_are(tmp_path):
    cells = ["0", "1", "NA", "1"] * 10
    found = round_trip(
        tmp_path, write(tmp_path / "f.csv", [["member"], *[[cell] for cell in cells]])
    )
    assert (
        found["member"].tolist() == [0, 1, pd.NA, 1] * 10
        or found["member"].fillna(-1).tolist() == [0, 1, -1, 1] * 10
    )


def test_a_text_that_is_one_answers_code_and_anothers_label_is_refused(copy):
    path = copy / "questionnaire.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "{code: 2, label: {en: poor, ru: плохо}", "{code: 2, label: {en: poor, ru: '1'}"
        ),
        encoding="utf-8",
    )
    problems = cssp.check(cssp.load_study(copy), [CITY])
    assert (
        problems["what"].str.contains("is the code of one answer .* and the label of another").any()
    )


def test_qualtrics_split_options_are_all_kept(tmp_path):
    names = ["StartDate", "ResponseId", "Finished", "Q2_1", "Q2_2", "Q2_3"]
    long = [
        "Start Date",
        "Response ID",
        "Finished",
        *(f"Which forms? - Selected Choice - {o}" for o in ("Grants", "Events", "Other")),
    ]
    rows = [
        [
            "2026-01-01",
            f"R{i}",
            "True",
            "Grants" if i % 2 else "",
            "Events" if i % 3 else "",
            "Other" if i % 5 == 0 else "",
        ]
        for i in range(30)
    ]
    rows[3][2] = "False"
    file = write(tmp_path / "q.csv", [names, long, [f'{{"ImportId":"{n}"}}' for n in names], *rows])
    found = round_trip(tmp_path, file)
    chosen = [column for column in found if "__" in column]
    assert [int((found[column] == 1).sum()) for column in chosen] == [15, 20, 6]
    city = (tmp_path / "study/cities/here/city.asked").read_text(encoding="utf-8")
    assert "1 rows are unfinished or previews" in city


def test_missing_codes_of_a_sav_without_labels_stand_outside_the_scale(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    table = pd.DataFrame({"rate": [1.0, 2, 3, 4, 5, 9] * 5, "who": ["A", "B", "N"] * 10})
    pyreadstat.write_sav(
        table,
        str(tmp_path / "t.sav"),
        missing_ranges={"rate": [9.0]},
        variable_value_labels={"who": {"A": "Власть", "B": "Бизнес", "N": "НКО"}},
    )
    found = round_trip(tmp_path, tmp_path / "t.sav")
    special = found.codebook["rate"]["special"]
    assert special == {9: "no_answer"}
    assert found.codebook["rate"]["codes"] == [1, 2, 3, 4, 5]
    assert found["who"].tolist() == [1, 2, 3] * 10


def test_ninety_nine_beside_a_short_scale_is_no_answer(tmp_path):
    cells = [["rate"], *[[str(c)] for c in (1, 2, 3, 5, 99) * 6]]
    drafted = draft_questionnaire(write(tmp_path / "f.csv", cells), tmp_path / "q.yaml")
    table = drafted.table.iloc[0]
    assert (table["type"], table["answers"], table["special"]) == ("ordinal", 5, 1)
    assert "99: no answer?" in table["doubt"]


def test_persons_are_left_out_of_the_draft(tmp_path):
    rows = [
        ["ФИО", "Телефон", "E-mail", "Оценка города"],
        *[
            [f"Иванов {i}", str(79000000 + i), "a@b.ru", "хорошо" if i % 2 else "плохо"]
            for i in range(12)
        ],
    ]
    table, _, left_out = draft_questionnaire(write(tmp_path / "f.csv", rows), tmp_path / "q.yaml")
    assert table["label"].tolist() == ["Оценка города"]
    assert left_out == ["ФИО", "Телефон", "E-mail"]


@pytest.mark.parametrize("sign", [";", "/ ", ", ", ","])
def test_several_answers_in_a_cell_are_told_by_their_sign(sign, tmp_path):
    sets = [
        ["Grants", "Events"],
        ["Grants"],
        ["Events", "Advice"],
        ["Advice"],
        ["Grants", "Advice"],
        ["Events"],
        ["Grants", "Events", "Advice"],
    ] * 4
    file = write(
        tmp_path / "f.csv", [["Which forms?", "n"], *[[sign.join(one), "7"] for one in sets]]
    )
    found = round_trip(tmp_path, file)
    chosen = {
        column.split("__")[1]: int((found[column] == 1).sum()) for column in found if "__" in column
    }
    assert chosen == {
        name.casefold(): sum(name in one for one in sets) for name in ("Grants", "Events", "Advice")
    }


def test_a_label_with_the_sign_in_it_is_one_option(tmp_path):
    sets = [
        "Events, meetings, Grants",
        "Grants",
        "Events, meetings",
        "Grants, Advice",
        "Events, meetings, Advice",
        "Advice",
    ] * 4
    draft_questionnaire(
        write(tmp_path / "f.csv", [["Which?"], *[[one] for one in sets]]), tmp_path / "q.yaml"
    )
    book = read_model(tmp_path / "q.yaml", Questionnaire)
    assert sorted(in_language(label, "en") for label in book.items[0].options.values()) == [
        "Advice",
        "Events, meetings",
        "Grants",
    ]


def test_kobos_joined_and_split_options_are_one_question(tmp_path):
    rows = [
        ["_uuid", "_submission_time", "grp/forms", "grp/forms/grant", "grp/forms/event", "grp/age"]
    ]
    rows += [
        [
            "u",
            "2026",
            " ".join(o for o, c in (("grant", i % 2), ("event", i % 3)) if c),
            i % 2,
            int(bool(i % 3)),
            20 + i,
        ]
        for i in range(24)
    ]
    table, *_ = draft_questionnaire(write(tmp_path / "k.csv", rows), tmp_path / "q.yaml")
    assert table["type"].tolist() == ["multiple", "numeric"]


def test_bands_are_ordered_by_their_numbers():
    assert (
        sorted(
            (p[0], a) for a, p in ordinal_places(["старше 60", "18–24", "до 18", "25–59"]).items()
        )[0][1]
        == "до 18"
    )
    assert (
        ordinal_places(
            ["$10,000 – $19,999", "Less than $10,000", "$100,000 or more", "$20,000 – $99,999"]
        )["$100,000 or more"][0]
        > 20000
    )
    places = ordinal_places(["Excellent", "Very good", "Good", "Fair", "Poor"])
    assert sorted(places, key=lambda one: places[one][0]) == [
        "Poor",
        "Fair",
        "Good",
        "Very good",
        "Excellent",
    ]


@pytest.mark.skipif(not REAL.exists(), reason="the real data are not beside the project")
def test_the_satisfaction_of_a_real_limesurvey_export_comes_through(tmp_path):
    file = REAL / "survey" / "limesurvey_2017_uk.csv"
    raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    column = next(name for name in raw if name.startswith("satisGen1[SQ001]"))
    cells = raw[column].str.replace("\ufeff", "").str.extract(r"^(\d+)")[0].dropna().astype(int)
    draft_questionnaire(file, tmp_path / "q.yaml")
    scale = next(
        book.scale_of(i)
        for book in [read_model(tmp_path / "q.yaml", Questionnaire)]
        for i in book.items
        if in_language(i.wording, "en").endswith("[Your current position]")
    )
    code = {in_language(a.label, "en"): a.code for a in scale.answers}
    assert {text: number for text, number in code.items()} == {
        text: int(text.split(" ")[0]) for text in code
    }
    assert len(cells) > 200


def test_limesurveys_answer_codes_keep_their_numbers(tmp_path):
    rows = [
        ["id. ID", "lastpage. Last page", "q1. How open?"],
        *[[str(i), "3", f"A{1 + i % 5}"] for i in range(40)],
    ]
    found = round_trip(tmp_path, write(tmp_path / "l.csv", rows))
    assert found["q1"].tolist() == [1 + i % 5 for i in range(40)]
    assert "codes without words" in (tmp_path / "study/questionnaire.asked").read_text(
        encoding="utf-8"
    )


def test_a_portable_spss_file_is_read(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    pyreadstat.write_por(pd.DataFrame({"RATE": [1.0, 2, 5]}), str(tmp_path / "t.por"))
    assert read_table(tmp_path / "t.por").data["RATE"].tolist() == [1, 2, 5]


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (
            ["1", "-1", "0", "-2", "2"],
            [1, -1, 0, -2, 2],
        ),  # -1 is no missing value on a scale with two sides
        (["Знаю хорошо", "Не знаю", "Что-то слышал"], [3, 1, 2]),  # not to know is what was asked
        (["6-10", "0", "3-5", "1-2", "more than 10"], [3, 0, 2, 1, 4]),
        (["1 год", "6 месяцев", "до 6 месяцев", "2-3 года", "более 3 лет"], [3, 2, 1, 4, 5]),
        (["более 1 млн", "500 тыс. - 1 млн", "100-500 тыс.", "до 100 тыс."], [4, 3, 2, 1]),
        (["до 0,5 млн", "1-5 млн", "0,5-1 млн"], [1, 3, 2]),
        (["500-1,000", "under 500", "1,000-5,000", "5,000+"], [2, 1, 3, 4]),
    ],
)
def test_the_codes_of_ordered_answers_rise_with_them(tmp_path, cells, codes):
    found = round_trip(
        tmp_path, write(tmp_path / "f.csv", [["Вопрос"], *[[cell] for cell in cells * 6]])
    )
    assert found[found.columns[3]].tolist()[: len(cells)] == codes
    # and all of them are answers on the scale
    assert sorted(found.codebook[found.columns[3]]["codes"]) == sorted(codes)


def test_what_stands_behind_than_does_not_count():
    rather_yes, rather_no = "Скорее согласен, чем не согласен", "Скорее не согласен, чем согласен"
    places = ordinal_places(["Полностью согласен", rather_yes, rather_no, "Полностью не согласен"])
    assert places is not None
    assert places[rather_yes] == (1, 1) and places[rather_no] == (-1, -1)


@pytest.mark.parametrize(
    "answers_",
    [
        ["Хорошо", "Не очень хорошо", "Плохо"],
        ["Доверяю", "Не полностью доверяю", "Не доверяю"],
        ["Satisfied", "Not very satisfied", "Dissatisfied"],
        ["Likely", "Not very likely", "Unlikely"],
        ["Увеличится", "Не увеличится", "Снизится"],
    ],
)
def test_a_denied_word_gives_no_place(answers_):
    assert ordinal_places(answers_) is None


def test_one_pair_of_numbers_with_a_comma_is_doubted(tmp_path):
    cells = [["Forms"], *[["1,3"]] * 20, *[["2"]] * 20]
    draft_questionnaire(write(tmp_path / "f.csv", cells), tmp_path / "q.yaml")
    assert "several codes in one cell" in (tmp_path / "q.yaml").read_text(encoding="utf-8")


def test_how_often_is_not_how_long():
    assert ordinal_places(["3 раза в год", "1 раз в неделю", "2 раза в месяц"]) is None


def test_numbers_of_several_options_are_told_apart(tmp_path):
    cells = ["1;3", "2", "1;2;3", "3", "2;3"]
    found = round_trip(
        tmp_path, write(tmp_path / "f.csv", [["Which"], *[[cell] for cell in cells * 6]])
    )
    for option in "123":
        assert found[f"which__option_{option}"].tolist()[:5] == [
            int(option in cell) for cell in cells
        ]
