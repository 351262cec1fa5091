"""Transcripts as they were typed: who says what, in whatever file and manner."""

from __future__ import annotations

import itertools
import zipfile
from pathlib import Path

import docx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cssp
from cssp.cli.main import app
from cssp.interviews.transcripts.lines import Line
from cssp.interviews.transcripts.speakers import role_of, speech_of
from cssp.interviews.turns import answers_of, turn_places
from cssp.study.problems import DataError

NAMES = {"interviewer": "Интервьюер", "respondent": "Респондент"}
SAID = ["Что мешает?", "Нет денег.\nИ людей.", "А власть?", "Не слышит: ей всё равно."]


def speech(text: str):
    return speech_of([Line(line) for line in text.splitlines()], NAMES)


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Интервьюер: ", "Респондент: "),
        ("И.: ", "Р.: "),
        ("И: ", "Р1: "),
        ("И. ", "Р. "),
        ("И – ", "Р1 – "),
        ("[Интервьюер] ", "[Р 1] "),
        ("Q: ", "A: "),
        ("ИНТЕРВЬЮЕР\n", "РЕСПОНДЕНТ\n"),
        ("[00:01:02] Анна Петровна: ", "[00:01:09] Иванов И. И.: "),
        ("00:01:02 Speaker 1: ", "00:01:09 Speaker 2: "),
        ("— ", ""),
    ],
)
def test_each_way_of_marking_speakers(asks: str, answers: str) -> None:
    text = "Интервью 4\nГород: Выборг\n"
    for number, said in enumerate(SAID):
        text += (answers if number % 2 else asks) + said + "\n\n"
    told = speech(text)
    assert [said for _, said in told.turns] == SAID
    labels = [label for label, _ in told.turns]
    assert labels[0] == labels[2] != labels[1] == labels[3]
    assert told.head == ["Интервью 4", "Город: Выборг"]


def test_what_looks_like_a_label_and_is_none() -> None:
    told = speech(
        "Интервьюер: Кто?\nРеспондент: Вот:\nИ. Петров пришёл.\nИ. Петров ушёл.\n"
        "Например: деньги.\nИнтервьюер: И?\nРеспондент: В 10:30: да."
    )
    assert [label for label, _ in told.turns] == ["Интервьюер", "Респондент"] * 2
    assert told.turns[1][1] == "Вот:\nИ. Петров пришёл.\nИ. Петров ушёл.\nНапример: деньги."


def test_dashes_on_both_sides_tell_nobody() -> None:
    told = speech("— Как дела?\n— Хорошо.\n— А так?\n— Да.")
    assert (told.told_by, told.turns) == ("", [])


def test_a_number_after_question_counts_questions() -> None:
    told = speech("Вопрос 1. Почему?\nОтвет: так.\nВопрос 2. И?\nОтвет: да.")
    assert told.turns == [
        ("Вопрос", "1. Почему?"), ("Ответ", "так."), ("Вопрос", "2. И?"), ("Ответ", "да.")
    ]  # fmt: skip


def test_a_name_says_no_role() -> None:
    assert role_of("Анна") is None and role_of("Speaker 1") is None
    assert (role_of("И."), role_of("Модератор"), role_of("Участник 3")) == (
        "interviewer", "interviewer", "respondent"
    )  # fmt: skip


def word_file(path: Path, bold: bool = False, table: bool = False) -> Path:
    document = docx.Document()
    document.add_paragraph("Интервью")
    rows = document.add_table(0, 2) if table else None
    for number, said in enumerate(SAID):
        who = "Респондент" if number % 2 else "Интервьюер"
        if rows is not None:
            cells = rows.add_row().cells
            cells[0].text, cells[1].text = who, said
        elif bold:
            document.add_paragraph().add_run(said).bold = number % 2 == 0
        else:
            document.add_paragraph(f"{who}: {said}")
    document.save(path)
    return path


def open_document(path: Path) -> Path:
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    told = "".join(
        f"<t:p>{'Р' if n % 2 else 'И'}:<t:s/>{said.replace(chr(10), '<t:line-break/>')}"
        "<t:note>сноска</t:note></t:p>"
        for n, said in enumerate(SAID)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml",
            f'<o:document-content xmlns:o="{office}" xmlns:t="{text}"><o:body><o:text>{told}'
            "</o:text></o:body></o:document-content>",
        )
    return path


@pytest.mark.parametrize("kind", ["labels", "bold", "table", "odt", "txt"])
def test_each_kind_of_file(tmp_path: Path, kind: str) -> None:
    if kind == "odt":
        open_document(tmp_path / "i1.odt")
    elif kind == "txt":
        lines = [f"{'Р' if n % 2 else 'И'}.: {said}" for n, said in enumerate(SAID)]
        (tmp_path / "i1.txt").write_bytes("\r\n".join(lines).encode("windows-1251"))
    else:
        word_file(tmp_path / "i1.docx", kind == "bold", kind == "table")
    told = cssp.read_transcripts(tmp_path)
    text = told.texts["text"].iloc[0]
    speakers = {
        label: role or told.hints[label].split("?")[0] for label, role in told.speakers.items()
    }
    assert sorted(speakers.values()) == ["interviewer", "respondent"]
    assert [text[start:end] for _, start, end in turn_places(text, speakers)] == SAID
    assert None not in told.speakers.values()
    if kind == "odt":
        assert told.intake["left_out"].tolist() == ["4 footnotes"]
    if kind == "txt":
        assert told.intake["read_as"].tolist() == ["txt, windows-1251"]


def test_bold_lines_that_do_not_ask_are_asked_about(tmp_path: Path) -> None:
    document = docx.Document()
    for number, said in enumerate(["О деньгах.", "Их нет?", "О власти.", "Не слышит."]):
        document.add_paragraph().add_run(said).bold = number % 2 == 0
    document.save(tmp_path / "i1.docx")
    told = cssp.read_transcripts(tmp_path)
    assert told.speakers == {"Интервьюер": None, "Респондент": None}
    assert told.hints["Респондент"] == "respondent? 1 of 2 turns end with a question mark"


def test_pdf_lines_are_joined(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_pdf import PdfPages

    with plt.rc_context({"pdf.fonttype": 42}), PdfPages(tmp_path / "i1.pdf") as pages:
        figure = plt.figure()
        figure.text(0.1, 0.8, "Q: What does the\ntown do?\nA: Noth-\ning at all.\n7")
        pages.savefig(figure)
        plt.close(figure)
    told = cssp.read_transcripts(tmp_path)
    assert told.texts["text"].tolist() == ["Q: What does the town do?\nA: Nothing at all.\n"]
    assert told.intake["left_out"].tolist() == ["1 page numbers"]


def test_what_is_no_transcript_is_told(tmp_path: Path) -> None:
    (tmp_path / "i2.txt").write_text("И: Как?\nР: Так.", encoding="utf-8")
    (tmp_path / "i10.txt").write_text("И: Как?\nР: Так.", encoding="utf-8")
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (tmp_path / "old.doc").write_bytes(b"x")
    told = cssp.read_transcripts(tmp_path)
    assert told.texts["interview"].tolist() == ["i2", "i10"]
    left = told.intake[told.intake["interview"] == ""]
    assert left["file"].tolist() == ["old.doc", "photo.jpg"]
    (tmp_path / "i3.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(DataError, match="holds no text"):
        cssp.read_transcripts(tmp_path)


def test_a_table_of_other_interviews_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/i1.txt").write_text("И: Как?\nР: Так.", encoding="utf-8")
    table = tmp_path / "who.csv"
    table.write_text("Файл,Дата\ni1.docx,01.02.2024\ni7,01.02.2024\n", encoding="utf-8")
    with pytest.raises(DataError, match="'i7' has no transcript"):
        cssp.read_transcripts(tmp_path / "a", table)
    table.write_text("Файл,Дата\nI1.docx,01.02.2024\n", encoding="utf-8")
    assert cssp.read_transcripts(tmp_path / "a", table).texts["held"].tolist() == ["01.02.2024"]


WORDS = st.text("абв где", min_size=1, max_size=12).map(lambda t: " ".join(t.split()) or "а")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from("ИРО"), st.lists(WORDS, min_size=1, max_size=3)),
                min_size=4, max_size=12))  # fmt: skip
def test_what_was_said_comes_back(said: list[tuple[str, list[str]]]) -> None:
    """Any order of three speakers, any number of paragraphs: turns equal what was typed."""
    names = {"И": "Интервьюер", "Р": "Респондент", "О": "Эксперт"}
    typed = [(names[who], "\n".join(parts)) for who, parts in said]
    told = speech("\n".join(f"{who}: {text}" for who, text in typed))
    if len({who for who, _ in typed}) < 2:
        assert told.turns == []
        return
    assert told.turns == typed
    roles = {"Интервьюер": "interviewer", "Респондент": "respondent", "Эксперт": "respondent"}
    text = told.text()
    places = turn_places(text, roles)
    assert [(who, text[a:b]) for who, a, b in places] == typed
    runs = itertools.groupby(typed, key=lambda turn: roles[turn[0]])
    assert len(answers_of(text, roles)) == sum(role == "respondent" for role, _ in runs)


def group() -> tuple[pd.DataFrame, pd.DataFrame]:
    text = "И: Что?\nР1: Нет денег.\nР2: Нет людей.\nИ: А ещё деньги?\nР1: Нет и всё."
    interviews = pd.DataFrame(
        {
            "city": ["x"], "interview": ["g"], "text": [text], "coders": [["A"]],
            "speakers": [{"И": "interviewer", "Р1": "respondent", "Р2": "respondent"}],
        }
    )  # fmt: skip
    places = [
        (text.index("Нет денег"), text.index(" людей")),
        (text.index("ещё"), text.index("?\nР1")),
    ]
    segments = pd.DataFrame(
        [("x", "g", "A", "c", *place) for place in places],
        columns=["city", "interview", "coder", "code", "start", "end"],
    )
    return segments, interviews


def test_the_interviewer_is_no_answer() -> None:
    segments, interviews = group()
    words = cssp.word_frequencies(interviews)
    assert (
        words.set_index("lemma")["count"].get("деньга", 0)
        + words.set_index("lemma")["count"].get("деньги", 0)
        == 1
    )
    assert not words["lemma"].isin(["р1", "р2"]).any()
    found = cssp.units(segments, interviews, by="answer")
    assert len(found) == 2
    told = cssp.turns(interviews)
    assert told["words"].tolist() == [1, 2, 2, 3, 3]
    by_turn = cssp.units(
        segments, interviews, by="answer", answers=told[told["role"] == "respondent"]
    )
    assert len(by_turn) == 3


def test_a_group_interview_counts_people() -> None:
    segments, known = cssp.by_speaker(*group())
    assert known["interview"].tolist() == ["g: Р1", "g: Р2"]
    assert known["text"].tolist() == ["Нет денег.\nНет и всё.", "Нет людей."]
    quoted = [
        dict(zip(known["interview"], known["text"], strict=True))[row.interview][
            row.start : row.end
        ]
        for row in segments.itertuples()
    ]
    assert dict(zip(segments["interview"], quoted, strict=True)) == {
        "g: Р1": "Нет денег.", "g: Р2": "Нет"
    }  # fmt: skip


def test_from_word_to_two_coders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/interviews.md says: transcripts in, a project out, coded copies in."""
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    assert run(app, ["new", "st"]).exit_code == 0
    (tmp_path / "tr").mkdir()
    for name in ("i1", "i2", "i3"):
        word_file(tmp_path / "tr" / f"{name}.docx")
    word_file(tmp_path / "tr" / "i4.docx", bold=True)
    (tmp_path / "who.csv").write_text(
        "файл;дата;сфера\ni1;03.02.2024;спорт\ni2;02.02.2024;дети\ni3;01.02.2024;спорт\n"
        "i4;04.02.2024;дети\n",
        encoding="utf-8",
    )
    add = ["add", "vyborg", "--transcripts", "tr", "--attributes", "who.csv", "--study", "st"]
    wrong = run(app, [*add, "--speaker", "Анна=interviewer"])
    assert wrong.exit_code != 0 and not (tmp_path / "st/cities/vyborg").exists()
    result = run(app, add)
    assert result.exit_code == 0, result.output
    study = cssp.load_study("st")
    assert study.city("vyborg").file.interviews.speakers == {
        "Интервьюер": "interviewer", "Респондент": "respondent"
    }  # fmt: skip
    checked = run(app, ["check", "vyborg", "--study", "st"])
    assert "Nobody has coded anything" in checked.output.replace("\n", " ")
    project = cssp.open_project("st/cities/vyborg/transcripts.qdpx")
    code = study.codes.leaves[0]
    for coder, words in (("Anna", "Нет денег"), ("Boris", "И людей")):
        rows = [
            (row.interview, coder, code, row.text.index(words), row.text.index(words) + len(words))
            for row in project.texts.itertuples()
        ]
        columns = ["interview", "coder", "code", "start", "end"]
        cssp.write_qdpx(
            cssp.add_codings(project, pd.DataFrame(rows, columns=columns)), f"{coder}.qdpx"
        )
    assert run(app, ["merge", "Anna.qdpx", "Boris.qdpx", "both.qdpx"]).exit_code == 0
    refused = run(app, ["add", "vyborg", "--interviews", "both.qdpx", "--study", "st"])
    assert refused.exit_code != 0
    again = run(app, ["add", "vyborg", "--interviews", "both.qdpx", "--replace", "--study", "st"])
    assert again.exit_code == 0, again.output
    segments, interviews = cssp.load_coded(cssp.load_study("st"))
    assert interviews["interview"].tolist() == ["i3", "i2", "i1", "i4"]
    assert interviews["сфера"].tolist() == ["спорт", "дети", "спорт", "дети"]
    assert sorted(segments["quotation"].unique()) == ["И людей", "Нет денег"]
    assert set(segments["coder"]) == {"Anna", "Boris"} and len(segments) == 8


# ---------------------------------------------------------------- what a hostile typist found


def labels(text: str) -> list[tuple[str, str]]:
    return speech(text).turns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a remark behind the label, two speakers at once, no blank after the colon
        ("М: Как?\nР1 (смеётся): Плохо.\nР2: Тоже.\nР1, Р2: Да.",
         [("М", "Как?"), ("Р1", "(смеётся) Плохо."), ("Р2", "Тоже."), ("Р1, Р2", "Да.")]),
        ("И: Как?\nР:Плохо.\nИ: А?\nР:Да.",
         [("И", "Как?"), ("Р", "Плохо."), ("И", "А?"), ("Р", "Да.")]),
        # lists, initials and prepositions within answers
        ("И: Что?\nР: Варианты:\nа) дороги\nв) школа\nо) ещё\nИ: Да?\nР: И. Петров помог.\nИ. Сидоров тоже.",
         [("И", "Что?"), ("Р", "Варианты:\nа) дороги\nв) школа\nо) ещё"), ("И", "Да?"),
          ("Р", "И. Петров помог.\nИ. Сидоров тоже.")]),
        ("И: Да?\nР: В 2020 году.\nВ - значит вода.", [("И", "Да?"), ("Р", "В 2020 году.\nВ - значит вода.")]),
        # times of day are said, pauses too
        ("И: Когда?\nР: Рано.\n6:30 - подъём, (8:30) еду.", [("И", "Когда?"), ("Р", "Рано.\n6:30 - подъём, (8:30) еду.")]),
        ("И: Как?\nР: Так.\n[Пауза]\nИ: А?\nР: Да.\n[Пауза]",
         [("И", "Как?"), ("Р", "Так.\n[Пауза]"), ("И", "А?"), ("Р", "Да.\n[Пауза]")]),
        # Latin and Russian look-alikes are one speaker
        ("И: Как?\nР1: Так.\nИ: А?\nP1: Да.", [("И", "Как?"), ("Р1", "Так."), ("И", "А?"), ("Р1", "Да.")]),
    ],
)  # fmt: skip
def test_hostile_lines(text: str, expected: list[tuple[str, str]]) -> None:
    assert labels(text) == expected


def test_times_of_a_recording_in_each_manner() -> None:
    told = speech(
        "Speaker 1  0:03\nWhy?\nSpeaker 2  0:09\nNo money.\nSpeaker 1  0:12\nMm?\nSpeaker 2  0:20\nSo."
    )
    assert told.turns == [
        ("Speaker 1", "Why?"),
        ("Speaker 2", "No money."),
        ("Speaker 1", "Mm?"),
        ("Speaker 2", "So."),
    ]
    told = speech(
        "\n".join(
            f"[00:0{n}.000 --> 00:0{n + 1}.120] {'И' if n % 2 else 'Р'}: слово {n}"
            for n in range(1, 6)
        )
    )
    assert told.times == 5 and [text for _, text in told.turns] == [
        f"слово {n}" for n in range(1, 6)
    ]
    dashes = speech("— Как?\nПлохо.\n— Почему?\nДенег нет. Вот:\n- дороги\n- школа\n— Ещё?\nНет.")
    assert [text for _, text in dashes.turns][3] == "Денег нет. Вот:\n- дороги\n- школа"


def test_who_speaks_once_is_told_or_known_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "i1.txt").write_text("М: Как?\nОльга: Плохо.\nМ: А?\nОльга: Да.", encoding="utf-8")
    (tmp_path / "i2.txt").write_text("М: Как?\nОльга: Плохо.\nМ: А?\nСергей: Да.", encoding="utf-8")
    told = cssp.read_transcripts(tmp_path)
    assert told.intake.set_index("interview").loc["i2", ["turns", "doubtful"]].tolist() == [
        3,
        "Сергей:",
    ]
    named = cssp.read_transcripts(tmp_path, known=["Сергей"])
    assert named.intake["turns"].tolist() == [4, 4]


def test_a_man_among_women_is_asked(tmp_path: Path) -> None:
    (tmp_path / "i1.txt").write_text(
        "И: Как?\nЖ1: Плохо.\nМ1: Да.\nЖ1: Нет.\nМ1: Вот.", encoding="utf-8"
    )
    assert cssp.read_transcripts(tmp_path).speakers == {"И": "interviewer", "Ж1": None, "М1": None}


def test_tables_of_three_columns_and_of_other_things(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(0, 3)
    for row in (("Кто", "Текст", "Примечания"), ("И", "Как вы живёте?", ""),
                ("Р", "Плохо, денег нет.", "смеётся"), ("И", "А работа?", ""), ("Р", "Нет работы.", "")):  # fmt: skip
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(tmp_path / "i1.docx")
    document = docx.Document()
    passport = document.add_table(0, 2)
    for row in (("Респондент", "мужчина, 45 лет"), ("Место", "Выборг")):
        for cell, text in zip(passport.add_row().cells, row, strict=True):
            cell.text = text
    for line in ("И: Как живёте?", "Р: Нормально, денег нет.", "И: А работа?", "Р: Нет работы."):
        document.add_paragraph(line)
    document.save(tmp_path / "i2.docx")
    told = cssp.read_transcripts(tmp_path)
    first, second = told.texts["text"]
    assert first == (
        "Кто Текст Примечания\nИ: Как вы живёте?\nР: Плохо, денег нет.\n[смеётся]\n"
        "И: А работа?\nР: Нет работы.\n"
    )
    assert second.splitlines()[:3] == [
        "Респондент мужчина, 45 лет",
        "Место Выборг",
        "И: Как живёте?",
    ]
    assert set(told.speakers) == {"И", "Р"}


TALK = [
    ("Как вы начали?", "Мы начали в 2010."),
    ("Что мешает?", "Нет денег."),
    ("Кто помогает?", "Город и люди."),
]


def talk_in_word(path: Path, manner: str) -> Path:
    document = docx.Document()
    if manner == "style":
        document.styles.add_style("Вопрос", 1).font.bold = True
        below = document.styles.add_style("Вопрос ниже", 1)
        below.base_style = document.styles["Вопрос"]
    for asked, said in TALK:
        if manner == "style":
            document.add_paragraph(asked, style="Вопрос ниже")
            document.add_paragraph(said)
        elif manner == "alone":
            for name, text in (("Анна", asked), ("Пётр Ильич", said)):
                document.add_paragraph().add_run(name).bold = True
                document.add_paragraph(text)
        else:
            document.add_paragraph(f"Анна{manner}{asked}")
            document.add_paragraph(f"Пётр Ильич{manner}{said}")
    document.sections[0].header.paragraphs[0].text = "Интервью 5"
    document.save(path)
    return path


@pytest.mark.parametrize("manner", [" – ", " — ", " - ", "\t", "alone", "style"])
def test_names_without_a_colon_and_bold_by_style(tmp_path, manner):
    read = cssp.read_transcripts([talk_in_word(tmp_path / "i1.docx", manner)])
    asks, answers = NAMES.values() if manner == "style" else ("Анна", "Пётр Ильич")
    expected = "".join(f"{asks}: {asked}\n{answers}: {said}\n" for asked, said in TALK)
    assert read.texts["text"].item() == expected
    assert "1 headers and footers" in read.intake["left_out"].item()
    if manner != "style":  # a name says no role: that is asked
        assert read.speakers == {"Анна": None, "Пётр Ильич": None}


@pytest.mark.parametrize(
    "text",
    [
        "Грант – это деньги.\nГрант – это сроки.\nА ещё отчёты.\nИ проверки.\nИ люди.\nИ всё.\n",
        "Здоровье – главное.\nДеньги – потом.\nЛюди – везде.\n",
    ],
)
def test_dashes_of_sentences_name_nobody(text):
    assert speech(text).turns == []


def test_who_speaks_once_before_a_dash_is_doubtful():
    lines = ["Анна – Что мешает?", "Иван – Деньги.", "Анна – А ещё?", "Иван – Власть.",
             "Ольга – Я не согласна.", "Анна – Спасибо.", "Иван – Да."]  # fmt: skip
    assert speech("\n".join(lines)).doubtful == ["Ольга"]


def test_a_sentence_that_begins_with_and_changes_no_speaker():
    told = speech(
        "И: Что мешает?\nР: Нет денег.\nИ — самое важное — нет людей.\nИ: А ещё?\nР: Всё."
    )
    assert told.turns[1] == ("Р", "Нет денег.\nИ — самое важное — нет людей.")
    assert speech("И: Что?\nР: Да.\nР – Нет.\nИ: Ещё?").turns[2] == ("Р", "Нет.")


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        (["Модератор: Кто?", "В: Я.", "И: И я.", "О: Нет."], {"В", "И"}),
        (["М: Кто?", "И1: Я.", "И2: И я.", "И1: Да."], {"И1", "И2"}),
        (["Р1: Деньги.", "Р2: Люди.", "А что помогает?", "Р1: Власть.", "Р2: Да."], {"Р1", "Р2"}),
        (["И: Кто?", "Р: Я.", "И: Кто ещё?", "Р: Он."], set()),
    ],
)
def test_labels_that_could_be_initials_or_with_nobody_asking_are_asked(tmp_path, lines, asked):
    (tmp_path / "i1.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    speakers = cssp.read_transcripts([tmp_path / "i1.txt"]).speakers
    assert {label for label, role in speakers.items() if role is None} >= asked
    assert asked or None not in speakers.values()
