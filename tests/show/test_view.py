"""Tests of `show/view`."""

from __future__ import annotations

import cssp


def test_sources_and_notes_read_in_the_readers_language(copy, study):
    """What a row tells in Russian is shown to a Russian reader; what it does not stays as it is; the table keeps both."""
    path = copy / "cities" / study.cities[0] / "desk.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith("source,note,source_ru,note_ru,municipality_ru")
    bare = [
        ",".join(line.split(",")[:-2]) for line in lines[:2]
    ]  # another city's file without these columns
    other = copy / "cities" / study.cities[1] / "desk.csv"
    other.write_text("\n".join(bare) + "\n", encoding="utf-8")
    own = cssp.load_study(copy)
    desk = cssp.load_desk(own)
    assert desk[["source_ru", "note_ru"]].notna().all(axis=None)
    told = desk[desk["note_ru"] != ""].iloc[0]
    show = cssp.Show(own, "ru", "desk", own.cities)
    shown = show.table(desk, "d", "The indicators, value by value", ["source", "note"]).shown
    assert shown.columns.tolist() == ["источник", "примечание"]
    assert told["note_ru"] in set(shown["примечание"]) and told["note"] not in set(
        shown["примечание"]
    )
    same = desk.loc[(desk["source_ru"] == ""), "source"].iloc[0]
    assert same in set(
        show.table(desk, "d", "The indicators, value by value", ["source"]).shown["источник"]
    )
    english = (
        cssp.Show(own, "en", "desk", own.cities)
        .table(desk, "d", "The indicators, value by value")
        .shown
    )
    assert told["note"] in set(english["note"])
    assert not [name for name in english if str(name).endswith("_ru")]
