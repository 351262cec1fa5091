"""Tests of `show/messages`."""

from __future__ import annotations

import io
import re
from importlib.resources import files
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from messages_used import messages_used

from cssp.show.messages import Messages
from cssp.study.problems import Problem, nearest

RUSSIAN = Messages("ru")


def book() -> dict[str, str]:
    source = files("cssp.show").joinpath("locale", "messages", "ru.po").read_bytes()
    return {str(one.id): str(one.string) for one in read_po(io.BytesIO(source)) if one.id}


def names(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


def test_every_message_has_its_russian_and_none_is_left_over():
    assert sorted(set(messages_used()) ^ set(book())) == []


def test_no_value_is_made_up_and_only_a_plural_is_left_out():
    lost = [
        english
        for english, other in book().items()
        if set(names(other)) - set(names(english))
        or [
            name
            for name in set(names(english)) - set(names(other))
            if not re.match("if|else", name)
        ]
    ]
    assert lost == []


def test_messages_are_russian_but_for_what_stands_in_files():
    """Words of a message are Cyrillic; commands, keys, names of files and programs are not."""
    english = []
    for one in book().values():
        plain = re.sub(r"`[^`]*`|'[^']*'|\{[^}]*\}|\([^)]*\)|--?[\w-]+|\S*[._/=:\\]\S*", " ", one)
        plain = re.sub(r"cssp( [a-z-]+)+", " ", plain)
        english += [one] if re.search(r"\b[a-z]{3,} [a-z]{3,} [a-z]{3,}\b", plain) else []
    assert english == []


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        (str(Problem("a.csv", "The file is empty.", "Fill it in.", row=3)), "a.csv, строка 3: "),
        (nearest("x", ["a", "b"]), "Известны: a, b."),
        (nearest("vyborgg", ["vyborg"]), "Имелось в виду «vyborg»?"),
        ("cities: 'vologda' stands there twice.", "cities: «vologda» указан дважды."),
        ("what no template fits", "what no template fits"),
        ("", ""),
        ("A 'quoted' {brace} stays.", "A 'quoted' {brace} stays."),
    ],
)
def test_a_message_is_found_again(english, russian):
    assert RUSSIAN(english).startswith(russian)


def test_values_that_look_like_patterns_stay_as_they_are():
    hostile = "a.*(b)+[c]{2}\\d $&"
    said = RUSSIAN(f"The coder '{hostile}' has nothing coded. Known: {hostile}.")
    assert said.count(hostile) == 2 and "кодировщик" in said.casefold()


def test_each_line_is_said_and_english_is_left_alone():
    text = "The file is empty.\n  The file is empty."
    first, second = RUSSIAN(text).split("\n")
    assert second == "  " + first and first != "The file is empty."
    assert Messages("en")(text) == text
    assert Messages("fr")(text) == text


def test_how_a_file_was_read_is_said():
    said = RUSSIAN.reading("format CSV, encoding utf-8, delimiter comma, decimal either")
    assert (
        said
        == "формат: CSV, кодировка: utf-8, разделитель: запятая, десятичный знак: запятая или точка"
    )


@pytest.mark.parametrize("word", ["failed", "sheet", "value", "sector", "line", "row", "error"])
def test_a_value_that_is_a_word_of_the_catalogue_stays(word):
    """Names of files, columns and cities are data, whatever they are called."""
    for english in (
        str(Problem(word, "The file does not exist.", "Correct the name.")),
        f"There is no column '{word}'. Known: {word}, b.",
        str(Problem("a.yaml", f"'{word}' is not a city of this study.", "Correct it.", None, word)),
        f"'{word}' is not a known tool. Did you mean '{word}s'?",
    ):
        said = RUSSIAN(english)
        assert said.count(word) >= english.count(word) and re.search("[а-я]", said), said


def test_each_sentence_of_a_message_is_said():
    said = RUSSIAN(
        "data/study.yaml, key cities: 'x' is not a city of this study. Known: a, b. Correct the "
        "name, or add the city with `cssp add`."
    )
    assert not re.search(r"\b(the|is|or|Known|Correct)\b", said) and "`cssp add`" in said
    assert "The file" not in RUSSIAN("a.qdpx: The file cannot be read: No such file or directory.")
