"""Tests of `interviews/suggest_pseudonyms`."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import ROOT

import cssp
from cssp.interviews import suggest_pseudonyms as names


def test_names_are_suggested_and_taken_only_when_confirmed(tmp_path):
    import shutil

    text = "Мы с Мариной Сергеевной звонили +7 (8172) 12-34-56 из Вологды, писали на a.b@mail.ru, ул. Мира, д. 5. Марина из «Зари»."
    table = cssp.suggest_pseudonyms(pd.DataFrame({"interview": ["i"], "text": [text]}))
    kinds = table.set_index("name")["kind"].to_dict()
    head = cssp.suggest_pseudonyms(
        pd.DataFrame(
            {"interview": ["i"], "text": ["Лист висит до сих пор. Люк на месте. Коворкинг закрыт."]}
        )
    )
    assert head.empty, "a capital at the head of a sentence is no name"
    assert kinds["Мариной"] == kinds["Марина"] == "person"
    assert kinds["Вологды"] == "place"
    assert kinds["a.b@mail.ru"] == "email"
    assert kinds["+7 (8172) 12-34-56"] == "phone"
    assert kinds["Зари"] == "organisation"
    assert any(kind == "address" for kind in kinds.values())
    forms = table.set_index("name")["replacement"]
    assert forms["Мариной"] == forms["Марина"], "all forms of one name become one"
    assert (table["confirmed"] == "").all()
    shutil.copytree(ROOT / "data", tmp_path / "study")
    folder = tmp_path / "study" / "cities" / "vologda"
    cssp.write_suggestions(
        table.assign(confirmed=["да" if n == "Марина" else "" for n in table["name"]]),
        folder / "names.csv",
    )
    city = folder / "city.yaml"
    city.write_text(
        city.read_text(encoding="utf-8").replace(
            "  segments: segments.csv", "  segments: segments.csv\n  pseudonyms: names.csv"
        ),
        encoding="utf-8",
    )
    assert cssp.load_pseudonyms(cssp.load_study(tmp_path / "study"), ["vologda"]) == {
        "Марина": forms["Марина"]
    }
    assert (
        "Вологды"
        not in cssp.suggest_pseudonyms(
            pd.DataFrame({"interview": ["i"], "text": [text]}), known={"Вологды": "x"}
        )["name"].tolist()
    )


def test_a_place_found_both_by_natasha_and_by_the_dictionary_counts_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "Он приехал в Вологду. Мы любим Вологду."
    starts = [at for at in range(len(text)) if text.startswith("Вологду", at)]
    monkeypatch.setattr(
        names,
        "_natasha",
        lambda text: [("Вологду", "place", "вологда", (starts[0], starts[0] + 7))],
    )
    table = cssp.suggest_pseudonyms(
        pd.DataFrame({"interview": ["i"], "text": [text]}), help_of="natasha"
    )
    found = table[table["name"].eq("Вологду")]
    assert found[["kind", "count"]].to_numpy().tolist() == [["place", 2]]
