"""The catalogue: every text that a reader meets has its Russian, with the same places to fill."""

from __future__ import annotations

import importlib
import string
from decimal import ROUND_HALF_UP, Decimal

import pytest
import yaml
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from words_used import words_used

import cssp
from cssp import RunError
from cssp.desk.inequality_measure import inequality_measures
from cssp.interviews.coefficient import coefficients
from cssp.interviews.exchange.format import qda_formats
from cssp.show.columns import COLUMNS
from cssp.show.labels import Labels
from cssp.show.words import LANGUAGES, Words, rounded
from cssp.simulate.study import simulate_study
from cssp.survey.balance_family import families
from cssp.tables.service import services


def entries() -> dict[str, list[str]]:
    with (ROOT / "cssp/show/locale/ru.po").open("rb") as file:
        catalogue = read_po(file, locale="ru")
    found: dict[str, list[str]] = {}
    for message in catalogue:
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        for key in filter(None, ids):
            found[key] = texts
    return found


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_used_is_translated():
    assert sorted(words_used() - set(entries())) == []


def test_no_translation_is_empty_and_all_have_the_same_places():
    for key, texts in entries().items():
        for text in texts:
            assert text.strip(), key
            assert places(text) == places(key), key


def test_no_entry_is_left_over():
    built_in = {"and", "The table is empty: there are no data for it."}
    assert sorted(set(entries()) - words_used() - built_in) == []


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 респондент"), (3, "3 респондента"), (11, "11 респондентов"), (92, "92 респондента")],
)
def test_russian_plurals(count, text):
    assert text in Words("ru").plural(
        "{count} respondent in all", "{count} respondents in all", count
    )


def test_numbers_in_both_languages():
    assert Words("en").number(-1234.5, 1) == "−1,234.5"
    assert Words("ru").number(1234567.25, 2) == "1\u00a0234\u00a0567,25"
    assert Words("en").p_value(0.0004) == "<0.001"
    assert Words("ru").p_value(0.0312) == "0,031"
    assert Words("en").points(0.285) == "+29"  # half away from zero
    assert Words("en").number(-0.0001, 2) == "0.00"


def test_an_unknown_language_is_refused():
    with pytest.raises(RunError, match="'rus'.*Did you mean 'ru'"):
        Words("rus")


@given(st.floats(-1e9, 1e9), st.integers(0, 6), st.sampled_from(["en", "ru"]))
def test_numbers_are_written_as_babel_writes_them(value, decimals, language):
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    assert Words(language).number(value, decimals).lstrip("−") == format_decimal(
        abs(rounded(value, decimals)), format=pattern, locale=language
    )


@given(st.decimals(-(10**6), 10**6, places=3), st.integers(0, 2))
def test_rounding_is_half_away_from_zero_on_what_is_written(written, decimals):
    step = Decimal(1).scaleb(-decimals)
    wanted = abs(written).quantize(step, ROUND_HALF_UP).copy_sign(written)
    assert rounded(float(written), decimals) == wanted
    assert rounded(100 * float(written / 100), decimals) == wanted  # points of a share


def test_each_stages_data_are_told_of_for_what_they_are(tmp_path):
    """All simulated: a notebook of the desk study has no answers, one of the survey no budgets; and what is real is never called made up."""
    folder = simulate_study(tmp_path / "study", 2)

    def note(stages: list[str], **statuses: str) -> str:
        for path in folder.glob("cities/*/city.yaml"):
            told = yaml.safe_load(path.read_text(encoding="utf-8"))
            for stage, status in statuses.items():
                told[stage]["status"] = status
            path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        study = cssp.load_study(folder)
        return Labels(study, "en").data_note(stages, study.cities)

    answers, budgets = "the answers were drawn", "budgets and other figures of the desk study"
    desk, survey, both = note(["desk"]), note(["survey"]), note(["desk", "survey"])
    assert answers not in desk and f"{budgets} were drawn by a computer" in desk
    assert answers in survey and budgets not in survey
    assert answers in both and f"{budgets} are simulated too" in both
    assert note(["survey"], survey="observed") == ""
    assert note(["desk", "survey"]) == desk
    real = "The desk study is real: documents and accounts, each with its source."
    assert note(["desk", "survey"], desk="observed", survey="simulated") == f"{survey} {real}"
    assert note(["desk"]) == ""


def registered() -> list[tuple[str, str, dict[str, str]]]:
    """Every entry that an extension can add: its kind, name and label."""
    kinds = {
        "survey service": services(),
        "balance family": families(),
        "coefficient": coefficients(),
        "QDA format": qda_formats(),
        "measure of inequality": inequality_measures(),
    }
    return [
        (kind, name, dict(one.label))
        for kind, found in kinds.items()
        for name, one in found.items()
    ]


@pytest.mark.parametrize(("kind", "name", "label"), registered())
def test_every_extension_has_a_label_in_every_language(kind, name, label):
    assert set(LANGUAGES) <= set(label), f"the {kind} '{name}' lacks a label"
    assert all(text.strip() for text in label.values())


def test_a_measure_declares_every_column_with_a_heading():
    """A column without one is shared: `show/columns.py` has its heading."""
    for name, module in cssp._PUBLIC.items():
        measure = getattr(importlib.import_module(module), name)
        for column in getattr(measure, "columns", {}).values():
            assert column.heading or column.bound_of or column.name in COLUMNS, (name, column.name)
