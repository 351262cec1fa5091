"""Names are found however they are written; what is no name of the list stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.interviews.morphology import forms_of
from cssp.interviews.pseudonyms import folded, pseudonym_places, pseudonymise

LIST = {
    "Иванов": "[1]", "Пётр Семёнов": "[2]", "İlham": "[3]", "Санкт-Петербург": "[4]",
    "Толстой Лев Николаевич": "[5]", "Зори-2": "[6]", "ООО «Заря»": "[7]", "Smith Ltd": "[8]",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("с Ивановым", "с [1]"),
        ("Иванова сказала", "[1] сказала"),
        ("ИВАНОВУ", "[1]"),
        ("Ивано\u00adву", "[1]"),
        ("И\u0301ванова", "[1]"),
        ("Ивано\u200bв", "[1]"),
        ("Ivanova said", "[1] said"),
        ("с Петром\u00a0Семёновым", "с [2]"),
        ("с Петром\nСеменовым", "с [2]"),
        (unicodedata.normalize("NFD", "Семёнов Пётр"), "[2]"),
        ("П. Семёнов", "[2]"),
        ("у Семёнова спросили", "у [2] спросили"),  # alone a surname tells who it is
        ("Семёнову П.", "[2]"),
        ("Pyotr Semyonov", "[2]"),
        ("İlham и ilham", "[3] и [3]"),
        ("в Санкт\u2011Петербурге", "в [4]"),
        ("Л. Н. Толстой и Лев Николаевич, Толстым Л.Н.", "[5] и [5], [5]"),
        ("Лев Толстой", "[5]"),
        ("из «Зори-2»", "из «[6]»"),
        ("из ООО «Зари»", "из [7]"),
        ("smith ltd", "[8]"),
    ],
)
def test_a_name_is_found_in_any_form(text: str, expected: str) -> None:
    assert pseudonymise(text, LIST) == expected


@pytest.mark.parametrize(
    "text", ["Иван пришёл", "ивановский мост", "Толстой", "просто Лев", "А. Семёнов", "Заря"]
)
def test_what_is_another_word_stays(text: str) -> None:
    assert pseudonymise(text, LIST) == text


@given(st.text("абИвановё\u0301\u00ad \n-", max_size=30))
def test_places_are_those_of_the_text(text: str) -> None:
    plain, places = folded(text)
    assert len(plain) == len(places) and places == sorted(places)
    found = pseudonym_places(text, {"Иванов": "[1]"})
    for start, end, _ in found:
        assert folded(text[start:end])[0].strip() in forms_of("иванов")
    assert all(one[1] <= other[0] for one, other in zip(found, found[1:], strict=False))
    assert pseudonym_places(pseudonymise(text, {"Иванов": "[1]"}), {"Иванов": "[1]"}) == []


@given(st.sampled_from(forms_of("Кузнецов")), st.sampled_from(["", " ", "\u00a0", ",", "\n"]))
def test_every_case_is_found(form: str, mark: str) -> None:
    assert pseudonymise(f"вот{mark or ' '}{form}{mark}", {"Кузнецов": "[к]"}).count("[к]") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Кулаков", "у Кулакова"), ("Латыпов", "с Латыповым"), ("Савчук", "к Савчуку"),
        ("Кириллов", "Кирилловой"), ("Орехов", "с Ореховым"), ("Горовой", "Горового"),
        ("Донской", "Донскую"), ("Кравец", "с Кравцом"), ("Бабич", "Бабичем"),
        ("Иванов", "Ивaнов"), ("Иванов", "Ivanovym"), ("Света", "Свете"),
    ],
)  # fmt: skip
def test_surnames_bend_by_their_rules(name: str, text: str) -> None:
    assert "[X]" in pseudonymise(text, {name: "[X]"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Иван", "Иванов двое"), ("Пётр", "Петров сказал"), ("Света", "Она на том свете"),
        ("Вера", "Есть вера в людей"), ("Садов", "Он в саду, сад"), ("Сергей Иванов", "А.С. Иванов"),
        ("Григорий Петров", "в 2020 г. Петров"),
    ],
)  # fmt: skip
def test_another_persons_name_and_common_words_stay(name: str, text: str) -> None:
    assert pseudonymise(text, {name: "[X]"}) == text


def test_pseudonyms_are_applied_to_quotations(study):
    segments = cssp.load_segments(study)
    word = segments["quotation"].iloc[0].split()[1].strip(",.")
    shown = cssp.exemplary_quotations(segments, study.codes, {word: "[name]"})
    assert not shown["quotation"].str.contains(rf"\b{word}\b", case=False).any()
    assert pseudonymise("Ивановна и Иванов", {"Иванов": "N"}) == "Ивановна и N"
