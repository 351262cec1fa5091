"""The tables book: shares, letters and suppression against slow definitions; Excel and Word."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from conftest import coded
from scipy.stats import ttest_ind
from statsmodels.stats.proportion import proportions_ztest
from typer.testing import CliRunner

import cssp
from cssp import Answers, ScoringError, answer_codes, banner_table
from cssp.cli.main import app
from cssp.survey.banner_tables import NOTE_HIDDEN

SCALE = answer_codes([1, 2, 3], positive=[3], negative=[1], special={97: "hard_to_say"})


def drawn(n: int = 300, seed: int = 3) -> Answers:
    random = np.random.default_rng(seed)
    city = random.choice(["a", "b", "c"], n)
    shift = pd.Series(city).map({"a": 0.1, "b": 0.3, "c": 0.5}).to_numpy()
    rows = pd.DataFrame(
        {
            "city": city,
            "sector": random.choice(["x", "y"], n),
            "q": np.where(
                random.random(n) < 0.1,
                97,
                1 + (random.random(n) < shift) + (random.random(n) < 0.5),
            ),
            "m__one": (random.random(n) < shift).astype(int),
            "m__two": (random.random(n) < 0.4).astype(int),
            "age": random.integers(1, 3, n),
        }
    )
    book = {"q": {**SCALE, "item": "q"}, "age": {**answer_codes([1, 2]), "item": "age"}}
    option = {**answer_codes([0, 1]), "item": "m"}
    return Answers(rows, {"m__one": option, "m__two": option, **book})


def slowly(cell: dict, given: pd.Series, plain: pd.Series, chosen: pd.DataFrame) -> float:
    """A cell of the table, counted from the rows."""
    kind, row = cell["kind"], cell["row"]
    if kind == "answer":
        return float((given.astype(str) == row).mean())
    if kind == "mean":
        return float(plain.mean())
    if kind == "balance":
        return float((plain == 3).mean() - (plain == 1).mean())
    if kind == "option":
        return float(chosen[row].mean())
    if kind == "of_answers":
        return float(chosen[row].sum() / chosen.to_numpy().sum())
    return len(given) if kind == "n" else len(plain)


def test_shares_means_and_bases_are_those_of_pandas() -> None:
    answers = drawn()
    table = banner_table(answers, ["q", "m"], ["city", "city:sector", "age"])
    rows = answers.rows
    for cell in table.to_dict("records"):
        own = rows
        if cell["variable"] == "age":
            own = rows[rows["age"] == int(cell["group"].split("=")[1])]
        elif cell["variable"] != "total":
            own = rows[rows["city"] == (cell["outer"] or cell["group"])]
            own = own[own["sector"] == cell["group"]] if cell["outer"] else own
        plain = own.loc[own["q"] != 97, "q"]
        chosen = own[["m__one", "m__two"]]
        value = slowly(cell, own["q"], plain, chosen)
        assert cell["value"] == pytest.approx(value), cell
    assert table.groupby(["item", "kind"], sort=False).ngroups == 4 + 1 + 3  # n of both


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "none"])
def test_letters_are_those_of_statsmodels_and_scipy(correction) -> None:
    answers = drawn()
    table = banner_table(answers, ["q", "m"], ["city"], correction=correction)
    rows = answers.rows
    letters = table.drop_duplicates("group").set_index("group")["letter"].to_dict()
    by_city = {name: own for name, own in rows.groupby("city")}
    from statsmodels.stats.multitest import multipletests

    for (row, kind), part in table[table["variable"] == "city"].groupby(["row", "kind"]):
        if kind not in ("answer", "option", "mean"):
            continue
        pairs, found = list(combinations("abc", 2)), []
        for first, second in pairs:
            one, other = by_city[first], by_city[second]
            if kind == "mean":
                values = [own.loc[own["q"] != 97, "q"] for own in (one, other)]
                found.append(ttest_ind(*values, equal_var=False).pvalue)
            else:
                hits = [
                    (own["q"].astype(str) == row) if kind == "answer" else own[row] == 1
                    for own in (one, other)
                ]
                found.append(proportions_ztest([h.sum() for h in hits], [len(h) for h in hits])[1])
        if correction != "none":
            found = multipletests(found, method=correction)[1]
        value = part.set_index("group")["value"]
        wanted = {name: set() for name in "abc"}
        for (first, second), p in zip(pairs, found, strict=True):
            if p < 0.05:
                high, low = sorted((first, second), key=lambda name: -value[name])
                wanted[high].add(letters[low])
        told = part.set_index("group")["higher_than"].map(lambda text: set(text.split()))
        assert told.to_dict() == wanted, (row, kind)
    assert (table["higher_than"] != "").any()


def test_few_answers_and_weights_have_no_letters() -> None:
    answers = drawn(80)
    assert (banner_table(answers, ["q"], ["city"], least=100)["higher_than"] == "").all()
    weighted = answers.with_column("w", np.where(answers["q"] == 3, 2.0, 1.0))
    table = banner_table(weighted, ["q"], ["city"], weight="w")
    assert (table["higher_than"] == "").all()
    total = table[(table["variable"] == "total") & (table["row"] == "3")]["value"].item()
    three = answers["q"] == 3
    assert total == pytest.approx(2 * three.sum() / (len(answers) + three.sum()))


def test_totals_do_not_give_small_groups_away() -> None:
    """Three of sector x in city a: with both totals shown, four cells are hidden, not one."""
    groups = [("a", "x")] * 3 + [("a", "y")] * 40 + [("b", "x")] * 30 + [("b", "y")] * 35
    rows = pd.DataFrame(groups, columns=["city", "sector"])
    rows["q"] = np.resize([1, 2], len(rows))
    table = banner_table(coded(rows), ["q"], ["city", "sector", "city:sector"], smallest=5)
    nested = table[(table["variable"] == "city:sector") & (table["kind"] == "n")]
    assert (nested["note"] == NOTE_HIDDEN).all() and nested["value"].isna().all()
    assert table.loc[table["variable"].isin(["city", "sector"]), "value"].notna().all()


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ScoringError, match="There is no column 'citi'. Did you mean 'city'"):
        banner_table(drawn(), ["q"], ["citi"])
    with pytest.raises(ScoringError, match="nests more than two"):
        banner_table(drawn(), ["q"], ["city:sector:age"])


def test_the_book_is_written_for_excel_and_word(tmp_path) -> None:
    openpyxl, docx = pytest.importorskip("openpyxl"), pytest.importorskip("docx")
    run = CliRunner().invoke
    target = tmp_path / "book.xlsx"
    told = run(app, ["tables", "--banner", "sector,city", "-l", "ru", "-o", str(target)])
    assert told.exit_code == 0 and "tables written" in told.output
    book = openpyxl.load_workbook(target)
    study = cssp.load_study()
    names = study.questionnaire.names("ordinal", "single", "multiple")
    assert len(book.sheetnames) == len(names) + 1
    sheet = book[names[0]]
    heads = [cell.value for cell in sheet[3]]
    assert heads[1] == "Всего" and any(text.endswith("(A)") for text in heads[1:])
    table = banner_table(
        cssp.load_survey(study), names[:1], ["sector", "city"], study.file.smallest_cell,
        correction=study.file.corrections.method,
    )  # fmt: skip
    first = table[table["row"] == table["row"].iloc[0]]
    for cell, wanted in zip(sheet[4][1:], first.to_dict("records"), strict=False):
        assert cell.value == pytest.approx(wanted["value"])
        letters = wanted["higher_than"]
        assert cell.number_format == (f'0%" {letters}"' if letters else "0%")
    assert run(app, ["tables", "-o", str(tmp_path / "book.docx")]).exit_code == 0
    page = docx.Document(str(tmp_path / "book.docx"))
    assert len(page.tables) == len(names)
    assert run(app, ["tables", "--topline", "-o", str(tmp_path / "top.docx")]).exit_code == 0
    top = docx.Document(str(tmp_path / "top.docx"))
    assert "(" in top.tables[0].rows[1].cells[1].text
    wrong = run(app, ["tables", "--item", "aware_np", "-o", str(target)])
    assert wrong.exit_code != 0 and "There is no question 'aware_np'" in str(wrong.output) + str(
        wrong.exception
    )
