"""Other people's survey files: each kind of fault that once came in silently is right, or is asked about."""

from __future__ import annotations

import csv
import struct
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from conftest import decide, study_of

import cssp
from cssp.draft.check import find_problems
from cssp.draft.questionnaire import draft_questionnaire
from cssp.draft.survey import add_city
from cssp.study.problems import DataError, Problem, errors_in
from cssp.study.questionnaire import Questionnaire
from cssp.study.read_yaml import read_model
from cssp.tables.encoding import decode
from cssp.tables.read import read_table

SECTOR = ["Власть", "Бизнес", "НКО"]


def write(path: Path, rows, delimiter=",", encoding="utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def book(path: Path, rows, merged=()) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for place in merged:
        made.active.merge_cells(place)
    made.save(path)
    return path


def sav(path: Path, columns, headings=None, labels=None, missing=None) -> Path:
    import pyreadstat

    pyreadstat.write_sav(
        pd.DataFrame(columns),
        str(path),
        column_labels=[(headings or {}).get(name, "") for name in columns],
        variable_value_labels=labels or {},
        missing_ranges=missing or {},
    )
    return path


def with_sets(path: Path, *sets: str) -> Path:
    """Add multiple-response sets to a .sav: record 7/7 of the format, before the end of the dictionary."""
    raw, end = path.read_bytes(), struct.pack("<ii", 999, 0)
    told = "".join(f"{one}\n" for one in sets).encode()
    at = raw.index(end)
    path.write_bytes(raw[:at] + struct.pack("<iiii", 7, 7, 1, len(told)) + told + raw[at:])
    return path


def drafted(file: Path) -> tuple[Questionnaire, str]:
    path = file.with_name("draft.yaml")
    draft_questionnaire(file, path, "ru")
    return read_model(path, Questionnaire), path.read_text(encoding="utf-8")


def by_wording(asked: Questionnaire, *words: str):
    return next(i for i in asked.items if all(w in next(iter(i.wording.values())) for w in words))


def labels(asked: Questionnaire, item) -> list[str]:
    return [next(iter(a.label.values())) for a in asked.scale_of(item).answers]


def loaded(file: Path, folder: Path, **form) -> tuple[cssp.Study, cssp.Answers]:
    """draft -> agree -> add -> agree -> load."""
    study = study_of(folder)
    draft_questionnaire(file, study / "questionnaire.yaml", "ru", form)
    decide(study / "questionnaire.yaml")
    path, *_ = add_city(cssp.load_study(study), "town", file, form=form)
    text = decide(path).replace("sector: {column: TODO}", "sector: {all: npo}")
    path.write_text(text, encoding="utf-8")
    opened = cssp.load_study(study)
    assert not errors_in(find_problems(opened)), find_problems(opened)
    return opened, cssp.load_survey(opened)


def by_hand(folder: Path, file: Path, items: list, maps: dict, scales=None, **more) -> cssp.Study:
    """A study written by hand: items of the questionnaire, maps of city.yaml."""
    study = study_of(folder)
    whole = [{"label": i["name"], "wording": i["name"], **i} for i in items]
    told = {"scales": scales or {}, "sections": [{"name": "m", "label": "M", "items": whole}]}
    (study / "questionnaire.yaml").write_text(yaml.safe_dump(told, allow_unicode=True))
    city = study / "cities" / "town" / "city.yaml"
    city.parent.mkdir(parents=True)
    source = {"file": str(file), "provenance": {"source": "made up"}, "items": maps, **more}
    source.setdefault("sector", {"all": "npo"})
    told = {"name": "t", "region": "r", "synthetic": False, "survey": source}
    city.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False))
    return cssp.load_study(study)


def warned(study: cssp.Study, words: str) -> Problem:
    """The one warning that says so."""
    (found,) = [p for p in find_problems(study) if words in p.what and p.severity == "warning"]
    return found


# ---------------------------------------------------------------- option sets


def test_a_set_of_mentions_is_one_question_with_its_label(tmp_path):
    answers = {"sector": [1, 2, 3] * 20, "m1": [1, 2, 3] * 20, "m2": [2, 3, None] * 20}
    file = sav(
        tmp_path / "a.sav",
        answers,
        {"m1": "Первое", "m2": "Второе"},
        {name: {1: "Деньги", 2: "Люди", 3: "Законы"} for name in ("m1", "m2")}
        | {"sector": dict(enumerate(SECTOR, 1))},
    )
    with_sets(file, "$bar=C 7 Барьеры m1 m2".replace("7", str(len("Барьеры".encode()))))
    study, found = loaded(file, tmp_path / "s")
    item = by_wording(study.questionnaire, "Барьеры")
    counts = {next(iter(item.labels[c].values())): int(found[c].sum()) for c in item.columns}
    assert counts == {"Деньги": 20, "Люди": 40, "Законы": 40}


def test_a_counted_value_that_is_two_says_what_was_chosen(tmp_path):
    answers = {"sector": [1, 2, 3] * 10, "a": [1, 2, 2] * 10, "b": [2, 1, 1] * 10}
    file = sav(
        tmp_path / "a.sav",
        answers,
        {"a": "Гранты", "b": "Советы"},
        {"sector": dict(enumerate(SECTOR, 1))},
    )
    with_sets(file, "$x=D1 2 5 Forms a b")
    study, found = loaded(file, tmp_path / "s")
    item = by_wording(study.questionnaire, "Forms")
    assert [int(found[column].sum()) for column in item.columns] == [20, 10]


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        ((["Да", "Нет", "Нет"], ["Нет", "Да", "Да"]), 2),  # marks: «Нет» says that it was not
        ((["Гранты", "", ""], ["", "Нет", "Нет"]), 2),  # its own name: it was
    ],
)
def test_an_option_called_no(tmp_path, cells, right):
    rows = [
        ["сектор", "a", "b"],
        *[[s, *pair] for s, *pair in zip(SECTOR * 10, cells[0] * 10, cells[1] * 10, strict=True)],
    ]
    item = {"name": "q", "type": "multiple", "options": {"grants": "Гранты", "none": "Нет"}}
    study = by_hand(
        tmp_path / "s",
        write(tmp_path / "a.csv", rows),
        [item],
        {"q": {"columns": {"grants": "a", "none": "b"}}},
    )
    assert int(cssp.load_survey(study)["q__none"].sum()) == 10 * right


def test_texts_of_other_count_as_other(tmp_path):
    rows = [["Формы / Гранты", "Формы / Другое"], *[["Гранты", ""], ["", "баня"], ["", "чай"]] * 10]
    study, found = loaded(write(tmp_path / "a.csv", rows), tmp_path / "s")
    item = by_wording(study.questionnaire, "Формы")
    assert [int(found[column].sum()) for column in item.columns] == [10, 20]


def test_blanks_are_no_answer_where_the_file_says_no(tmp_path):
    rows = [["q [a]", "q [b]"], *[["Да", "Нет"], ["Нет", ""], ["", "Да"], ["Да", "Да"]] * 10]
    study, found = loaded(write(tmp_path / "a.csv", rows), tmp_path / "s")
    (item,) = [i for i in study.questionnaire.items if i.type == "multiple"]
    assert [found[column].notna().sum() for column in item.columns] == [30, 30]
    assert [found[column].sum() for column in item.columns] == [20, 20]


def test_the_same_words_asked_twice_are_two_questions_by_the_services_codes(tmp_path):
    head = ["id. ID", "lastpage. Last page"]
    head += [f"{q}[SQ00{k}]. Which? [{o}]" for q in ("a", "b") for k, o in enumerate("xyz", 1)]
    rows = [
        [n, 3, *(["Yes", "No", "No"] if n % 2 else ["No", "Yes", "Yes"]), "Yes", "No", "Yes"]
        for n in range(20)
    ]
    study, found = loaded(write(tmp_path / "l.csv", [head, *rows]), tmp_path / "s")
    sums = {
        item.name: [int(found[column].sum()) for column in item.columns]
        for item in study.questionnaire.items
        if item.type == "multiple"
    }
    assert sums == {"a": [10, 10, 10], "b": [20, 0, 20]}


# ---------------------------------------------------------------- headings and rows


def test_title_rows_and_notes_are_left_out_and_said(tmp_path):
    body = [[n, s, n % 5 + 1, "x"] for n, s in enumerate(SECTOR * 10, 1)]
    rows = [
        ["Опрос экспертов", None, None, None],
        ["№", "Сектор", "Оценка", "Ещё"],
        *body,
        ["* в 2026 г.", None, None, None],
    ]
    table = read_table(book(tmp_path / "a.xlsx", rows))
    assert list(table.data.columns) == ["№", "Сектор", "Оценка", "Ещё"]
    assert len(table.data) == 30
    assert [p.row for p in table.notes] == [1, 33]


def test_two_rows_of_headings_are_joined(tmp_path):
    rows = [
        ["№", "Оцените", None, "Сектор"],
        [None, "власть", "бизнес", None],
        *[[n, n % 5 + 1, n % 3 + 1, s] for n, s in enumerate(SECTOR * 10, 1)],
    ]
    table = read_table(book(tmp_path / "a.xlsx", rows, ["B1:C1"]))
    assert list(table.data.columns) == ["№", "Оцените [власть]", "Оцените [бизнес]", "Сектор"]
    assert len(table.data) == 30


def test_the_heading_row_can_be_said(tmp_path):
    rows = [["a", "b"], ["Сектор", "Оценка"], *[[s, "хорошо"] for s in SECTOR * 3]]
    file = write(tmp_path / "a.csv", rows)
    from cssp.study.sources import Format

    assert list(read_table(file, Format(header_row=2)).data.columns) == ["Сектор", "Оценка"]
    with pytest.raises(DataError, match="row 99"):
        read_table(file, Format(header_row=99))


def test_a_column_without_a_heading_is_kept_and_said(tmp_path):
    rows = [["№", "", "Оценка"], *[[n, "слово", n % 5] for n in range(20)]]
    table = read_table(write(tmp_path / "a.csv", rows))
    assert list(table.data.columns) == ["№", "column B", "Оценка"]
    assert "no heading" in table.notes[0].what


def test_a_file_of_two_towns_gives_each_its_rows(tmp_path):
    rows = [["Город", "Сектор", "Оценка"]]
    rows += [["Лесное" if n % 3 else "Заречье", SECTOR[n % 3], n % 5 + 1] for n in range(60)]
    file = write(tmp_path / "a.csv", rows)
    study = study_of(tmp_path / "s")
    text = (study / "study.yaml").read_text().replace("- town", "- Лесное\n- Заречье")
    (study / "study.yaml").write_text(text)
    draft_questionnaire(file, study / "questionnaire.yaml", "ru")
    decide(study / "questionnaire.yaml")
    for city in ("Лесное", "Заречье"):
        decide(add_city(cssp.load_study(study), city, file).path)
    opened = cssp.load_study(study)
    assert not errors_in(find_problems(opened))
    assert cssp.load_survey(opened)["city"].value_counts().to_dict() == {
        "Лесное": 40,
        "Заречье": 20,
    }
    # the same rows in both are an error
    path = study / "cities" / "Лесное" / "city.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("  rows:")]
    path.write_text("\n".join(lines))
    assert any(
        "belong to both cities" in p.what for p in errors_in(find_problems(cssp.load_study(study)))
    )


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    "last", ["5. Затрудняюсь ответить", "9) З/О", "99 - НЕ ЧИТАТЬ: отказ", "N/A"]
)
def test_answers_outside_the_scale_are_no_points_of_it(tmp_path, last):
    answers = ["1. плохо", "2. средне", "3. хорошо", "4. очень хорошо", last]
    asked, _ = drafted(write(tmp_path / "a.csv", [["Оценка"], *[[a] for a in answers * 8]]))
    (item,) = asked.items
    assert last not in labels(asked, item)
    assert len(labels(asked, item)) == 4


def test_numbers_before_nouns_make_no_order(tmp_path):
    answers = ["1. Администрация", "2. Завод", "3. Фонд"]
    asked, text = drafted(
        write(tmp_path / "a.csv", [["Где Вы работаете?"], *[[a] for a in answers * 9]])
    )
    assert asked.items[0].type == "single"
    assert "TODO: are these answers ordered?" in text


def test_a_label_of_the_file_that_says_otherwise_is_an_error(tmp_path):
    file = sav(tmp_path / "a.sav", {"q": [1, 2] * 20}, labels={"q": {1: "ужасно", 2: "хорошо"}})
    scale = {"answers": [{"code": 1, "label": "плохо"}, {"code": 2, "label": "Хорошо."}]}
    items = [{"name": "q", "type": "ordinal", "scale": "s"}]
    study = by_hand(tmp_path / "s", file, items, {"q": {"column": "q"}}, {"s": scale})
    assert {p.value for p in errors_in(find_problems(study))} == {"1"}


def test_what_is_missing_can_be_said_of_one_item(tmp_path):
    rows = [["a", "b", "c"], *[[0, 0, "?"], [5, 5, "да"]] * 10]
    items = [{"name": name, "type": "numeric"} for name in "ab"] + [{"name": "c", "type": "open"}]
    maps = {
        "a": {"column": "a", "missing": [0]},
        "b": {"column": "b"},
        "c": {"column": "c", "missing": ["?"]},
    }
    found = cssp.load_survey(by_hand(tmp_path / "s", write(tmp_path / "a.csv", rows), items, maps))
    assert [found[name].notna().sum() for name in "abc"] == [10, 20, 10]


def test_rows_of_a_grid_share_their_answers(tmp_path):
    rows = [
        ["Оцените: власть", "Оцените: бизнес"],
        *[["плохо", "средне"], ["средне", "хорошо"]] * 10,
    ]
    asked, _ = drafted(write(tmp_path / "a.csv", rows))
    assert [labels(asked, item) for item in asked.items] == [["плохо", "средне", "хорошо"]] * 2


def test_a_number_with_labels_stays_a_number(tmp_path):
    file = sav(
        tmp_path / "a.sav",
        {"y": [0, 3, 8, 15, 22, 40, 57, 99] * 6},
        {"y": "Лет"},
        {"y": {0: "меньше года", 99: "нет ответа"}},
    )
    study, found = loaded(file, tmp_path / "s")
    (item,) = study.questionnaire.items
    assert item.type == "numeric"
    assert (found[item.name].notna().sum(), found[item.name].max()) == (42, 57)


# ---------------------------------------------------------------- formats


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "cp866", "mac-cyrillic", "utf-16"])
def test_russian_texts_are_read_whatever_their_encoding(tmp_path, encoding):
    rows = [["Сектор", "Оценка"], *[[s, "Очень хорошо, объявляю"] for s in SECTOR]]
    table = read_table(write(tmp_path / "a.csv", rows, ";", encoding))
    assert table.data["Сектор"].tolist() == SECTOR
    assert encoding.split("-")[0] in table.read_as["encoding"]


@pytest.mark.parametrize("word", ["Café", "Mañana", "Überhaupt nicht", "Très bien", "São Paulo"])
def test_western_letters_are_not_taken_for_russian_ones(word):
    text, encoding = decode(f"Where?;{word}\n".encode("windows-1252"), "a.csv", None)
    assert (word in text, encoding) == (True, "windows-1252")


def test_what_cannot_be_told_is_asked():
    with pytest.raises(DataError, match="--encoding"):
        decode("a;бо".encode("windows-1251") + b"\x98\x81\x83", "a.csv", None)


def test_stata_and_an_old_sav_without_its_encoding(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"q": [1, 2] * 5})
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), column_labels=["Оценка"], variable_value_labels={"q": {1: "да", 2: "нет"}})  # fmt: skip
    table = read_table(tmp_path / "a.dta")
    assert (table.labels["q"], table.headings["q"]) == ({1: "да", 2: "нет"}, "Оценка")
    # labels as an old Russian SPSS wrote them, read as Western letters where the file is silent
    mangled = {
        "q": {
            1: "Власть".encode("cp1251").decode("cp1252"),
            2: "Фонды".encode("cp1251").decode("cp1252"),
        }
    }
    pyreadstat.write_sav(frame, str(tmp_path / "b.sav"), variable_value_labels=mangled)
    from cssp.tables.encoding import mended

    assert mended("\n".join(mangled["q"].values())) == "windows-1251"


def test_a_form_names_the_answers_that_its_data_hold(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "survey"
    for row in [["type", "name", "label"], ["select_one t", "trust", "Доверяете?"]]:
        made.active.append(row)
    sheet = made.create_sheet("choices")
    for row in [["list_name", "name", "label"], ["t", "full", "Полностью доверяю"], ["t", "part", "Скорее доверяю"], ["t", "no", "Не доверяю"]]:  # fmt: skip
        sheet.append(row)
    made.save(tmp_path / "form.xlsx")
    asked, _ = drafted(tmp_path / "form.xlsx")
    assert labels(asked, asked.items[0]) == ["Не доверяю", "Скорее доверяю", "Полностью доверяю"]
    study = study_of(tmp_path / "s")
    (tmp_path / "draft.yaml").rename(study / "questionnaire.yaml")
    decide(study / "questionnaire.yaml")
    file = write(tmp_path / "a.csv", [["Сектор", "trust"], *[[s, a] for s, a in zip(SECTOR * 3, ["full", "no", "no"] * 3, strict=True)]])  # fmt: skip
    decide(add_city(cssp.load_study(study), "town", file).path)
    found = cssp.load_survey(cssp.load_study(study))["trust"]
    assert found.value_counts().to_dict() == {1: 6, 3: 3}


# ---------------------------------------------------------------- alarms


FIVE = {"answers": [{"code": n, "label": str(n)} for n in range(1, 6)]}


def study_with(tmp_path, columns: dict, items=None, scales=None, **more) -> cssp.Study:
    rows = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    told = items or [{"name": name, "type": "ordinal", "scale": "five"} for name in columns]
    maps = {item["name"]: {"column": item["name"]} for item in told}
    file = write(tmp_path / "a.csv", rows)
    return by_hand(tmp_path / "s", file, told, maps, scales or {"five": FIVE}, **more)


def test_an_alarm_for_an_answer_far_from_its_scale(tmp_path):
    scale = {"answers": [*FIVE["answers"], {"code": 99, "label": "99"}]}
    study = study_with(tmp_path, {"q": [1, 2, 3, 4, 5, 99] * 5}, scales={"five": scale})
    assert warned(study, "stands far from the others").column == "q"


def test_an_alarm_for_hard_to_say_at_the_end_of_a_scale(tmp_path):
    scale = {
        "answers": [
            {"code": 1, "label": "нет"},
            {"code": 2, "label": "да"},
            {"code": 3, "label": "не знаю"},
        ]
    }
    study = study_with(tmp_path, {"q": [1, 2, 3] * 9}, scales={"five": scale})
    assert warned(study, "is no point of a scale").column == "q"


def test_an_alarm_for_an_order_that_the_labels_deny(tmp_path):
    words = ["плохо", "хорошо", "средне"]
    scale = {"answers": [{"code": n, "label": word} for n, word in enumerate(words, 1)]}
    study = study_with(tmp_path, {"q": [1, 2, 3] * 9}, scales={"five": scale})
    assert warned(study, "another order than their words").column == "q"


def test_an_alarm_for_one_answer_of_all_and_for_equal_items(tmp_path):
    columns = {"a": [3] * 40, "b": [1, 2] * 20, "c": [1, 2] * 20}
    study = study_with(tmp_path, columns)
    assert warned(study, "gave one and the same answer").column == "a"
    assert warned(study, "the same answer as to 'b'").column == "c"


def test_an_alarm_for_a_number_that_stands_for_none(tmp_path):
    numbers = [5, 10, 20, 999] * 10
    study = study_with(tmp_path, {"y": numbers}, [{"name": "y", "type": "numeric"}])
    assert "999" in warned(study, "respondents gave").what


def test_an_alarm_for_a_middle_that_one_row_lacks(tmp_path):
    columns = {"a": [1, 2, 3, 4, 5] * 20, "b": [5, 4, 3, 2, 1] * 20, "c": [1, 2, 2, 4, 5] * 20}
    assert warned(study_with(tmp_path, columns), "Nobody gave the middle answer").column == "c"


def test_an_alarm_for_options_and_their_base(tmp_path):
    item = {"name": "q", "type": "multiple", "options": {"a": "А", "b": "Б"}}
    rows = [["id", "a", "b"], *[[1, 1, ""], [2, "", ""]] * 20]
    study = by_hand(tmp_path / "s", write(tmp_path / "a.csv", rows), [item], {"q": {"columns": {"a": "a", "b": "b"}}})  # fmt: skip
    assert warned(study, "Nobody chose this option").column == "q__b"
    assert warned(study, "Everybody chose this option").column == "q__a"
    assert warned(study, "20 of 40 asked chose anything").column == "q"


def test_an_alarm_for_the_respondents_of_another_city(copy):
    import shutil

    city = copy / "cities" / "petrozavodsk"
    shutil.copyfile(city / "survey.csv", copy / "cities" / "vologda" / "survey.csv")
    source = yaml.safe_load((city / "city.yaml").read_text())["survey"]
    path = copy / "cities" / "vologda" / "city.yaml"
    told = yaml.safe_load(path.read_text()) | {"survey": source}
    path.write_text(yaml.safe_dump(told, allow_unicode=True))
    found = [
        p.what for p in find_problems(cssp.load_study(copy)) if "gave exactly the answers" in p.what
    ]
    assert len(found) == 1


# ---------------------------------------------------------------- the report of the intake


def test_the_intake_adds_up(study):
    table = cssp.intake(study)
    sizes = {c: len(cssp.load_survey(study, [c])) for c in study.cities}
    rows = table.groupby(["city", "column"])["rows"].sum()
    assert all(count == sizes[city] for (city, _), count in rows.items())
    # chosen options of the tables are the options counted here
    answers = cssp.load_survey(study, ["petrozavodsk"])
    chosen = table[(table["city"] == "petrozavodsk") & (table["kind"] == "answer")]
    for column in [c for c in answers if c.startswith("barriers_named__")]:
        own = chosen.loc[chosen["column"] == column, "rows"].sum()
        assert own == int(answers[column].sum())


def test_unused_columns_say_why(tmp_path):
    rows = [
        ["Отметка времени", "Ваше имя", "q", "Ещё", "Пусто"],
        *[["2026/03/01 10:00:00", "A", 1, "x", ""]] * 9,
    ]
    items = [{"name": "q", "type": "numeric"}]
    study = by_hand(tmp_path / "s", write(tmp_path / "a.csv", rows), items, {"q": {"column": "q"}}, format={"layout": "google_forms"})  # fmt: skip
    found = cssp.unused_columns(study).set_index("column")["why"].to_dict()
    assert found == {
        "Отметка времени": "added by the service",
        "Ваше имя": "may point at a person",
        "Ещё": "not mapped",
        "Пусто": "empty",
    }


def test_a_draft_goes_into_a_study_by_a_command(tmp_path):
    from typer.testing import CliRunner

    from cssp.cli.main import app
    from cssp.draft.new_study import new_study

    new_study(tmp_path / "s")
    file = write(tmp_path / "a.csv", [["Сектор", "Оценка"], *[[s, "хорошо"] for s in SECTOR * 5]])
    told = CliRunner().invoke(app, ["draft-questionnaire", str(file), "--study", str(tmp_path / "s"), "-l", "ru"])  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "Оценка" in (tmp_path / "s" / "questionnaire.yaml").read_text(encoding="utf-8")


def test_an_spss_file_of_two_towns_comes_in_with_few_lines(tmp_path):
    """35 questions, a set of dichotomies, a set of mentions, a ranking, user-missing values: each count is pandas'."""
    rng = np.random.default_rng(18)
    n = 160
    answers = {1: "очень плохо", 2: "плохо", 3: "средне", 4: "хорошо", 5: "очень хорошо"}
    answers |= {97: "Затрудняюсь ответить", 99: "Отказ"}
    columns = {
        "id": range(1, n + 1),
        "town": [1 + i % 2 for i in range(n)],
        "sector": [1 + i % 3 for i in range(n)],
    }
    headings = {"id": "№ анкеты", "town": "Город", "sector": "Сектор"}
    told = {"town": {1: "Заречье", 2: "Лесное"}, "sector": dict(enumerate(SECTOR, 1))}
    for k in range(28):
        columns[f"q{k}"] = rng.choice(list(answers), n)
        headings[f"q{k}"], told[f"q{k}"] = f"Как Вы оцениваете: {k}-е направление?", answers
    for k, option in enumerate(["Гранты", "Советы / палаты", "Помещения", "Нет"]):
        columns[f"m{k}"] = rng.integers(0, 2, n)
        headings[f"m{k}"], told[f"m{k}"] = option, {0: "нет", 1: "да"}
    for k in range(3):
        given = rng.integers(1, 5, n).astype(float)
        columns[f"s{k}"] = [None if rng.random() < 0.2 * k else v for v in given]
        headings[f"s{k}"] = f"Барьер {k}"
        told[f"s{k}"] = {1: "Деньги", 2: "Люди", 3: "Законы", 4: "Другое"}
    places = np.array([rng.permutation(4)[:3] + 1 for _ in range(n)])
    for k in range(3):
        columns[f"r_{k + 1}"] = places[:, k]
        headings[f"r_{k + 1}"] = f"Кто важнее? [{k + 1}]"
        told[f"r_{k + 1}"] = {1: "Мэр", 2: "Дума", 3: "Палата", 4: "Фонд"}
    missing = {f"q{k}": [97, 99] for k in range(28)}
    file = sav(tmp_path / "a.sav", columns, headings, told, missing)
    label = "Формы поддержки"
    with_sets(
        file,
        f"$forms=D1 1 {len(label.encode())} {label} m0 m1 m2 m3",
        f"$bar=C {len('Барьеры'.encode())} Барьеры s0 s1 s2",
    )
    study = study_of(tmp_path / "s")
    text = (study / "study.yaml").read_text().replace("- town", "- Лесное\n- Заречье")
    (study / "study.yaml").write_text(text)
    draft_questionnaire(file, study / "questionnaire.yaml", "ru")
    decide(study / "questionnaire.yaml")
    asked = (study / "questionnaire.asked").read_text().count("# TODO")
    for city in ("Лесное", "Заречье"):
        path = add_city(cssp.load_study(study), city, file).path
        decide(path)
        asked += path.with_suffix(".asked").read_text().count("TODO")
    assert asked <= 10
    opened = cssp.load_study(study)
    assert not errors_in(find_problems(opened))
    found, raw = cssp.load_survey(opened), pd.DataFrame(columns)
    assert len(found) == n
    for code, town in told["town"].items():
        own, theirs = found.where(city=town), raw[raw["town"] == code]
        for k in range(28):
            assert own[f"q{k}"].value_counts().to_dict() == theirs[f"q{k}"].value_counts().to_dict()
        forms = by_wording(opened.questionnaire, label)
        assert [int(own[c].sum()) for c in forms.columns] == [
            int(theirs[f"m{k}"].sum()) for k in range(4)
        ]
        barriers = by_wording(opened.questionnaire, "Барьеры")
        for column, option in barriers.labels.items():
            number = {text: code for code, text in told["s0"].items()}[option["ru"]]
            mentions = (theirs[["s0", "s1", "s2"]] == number).any(axis=1).sum()
            assert int(own[column].sum()) == mentions
        ranking = by_wording(opened.questionnaire, "Кто важнее")
        for column, option in ranking.labels.items():
            number = {text: code for code, text in told["r_1"].items()}[option["ru"]]
            first = (theirs["r_1"] == number).sum()
            assert int((own[column] == 1).sum()) == first


# ---------------------------------------------------------------- rows between rows, and 1KA


@pytest.mark.parametrize(
    ("first", "heading", "kept"),
    [
        (["1", "2", "3", "4"], "Вологда", 4),
        (["НКО", "НКО", "Власть", "Власть"], "Вологда", 4),
        (["НКО", "НКО", "Власть", "Власть"], "НКО", 5),  # who answered nothing is a respondent
        (["r1", "r2", "r3", "r4"], "r5", 5),
    ],
)
def test_a_heading_between_rows_is_left_out_and_said(tmp_path, first, heading, kept):
    rows = [[name, 4, 5, 3] for name in first]
    file = write(
        tmp_path / "a.csv",
        [["кто", "a", "b", "c"], *rows[:2], [heading, "", "", ""], *rows[2:]],
        ";",
    )
    table = read_table(file)
    assert len(table.data) == kept
    assert len([note for note in table.notes if note.row == 4]) == 5 - kept


def test_a_1ka_export_is_known_and_its_missing_answers_are_asked_about(tmp_path):
    file = write(
        tmp_path / "a.csv",
        [
            ["recnum", "status", "lurker", "Q1", "sector"],
            ["Record number", "Status", "Empty unit", "How do you rate it?", "Sector"],
            *[[n, 6, 0, 1 + n % 5, SECTOR[n % 3]] for n in range(12)],
            [13, 5, 0, -1, SECTOR[0]],
            [14, 5, 0, -99, SECTOR[1]],
        ],
        ";",
    )
    asked, text = drafted(file)
    assert next(iter(asked.items[0].label.values())) == "How do you rate it?"
    assert "-99, -1: no answer?" in text and "status" not in text.casefold().split()
    scale = asked.scale_of(asked.items[0])
    assert [entry.code for entry in scale.answers] == [1, 2, 3, 4, 5]
