"""Prevalence, agreement, saturation and quotations of the interviews."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from conftest import coded, with_codebook
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp.interviews import code_readings, figures
from cssp.interviews.agreement import NOTE_DOUBTED, NOTE_ONE_CODER, NOTE_UNUSED
from cssp.interviews.pseudonyms import pseudonymise
from cssp.show.labels import Labels
from cssp.study.code_system import CodeSystem
from cssp.survey.small_groups import also_hidden, group_sizes, visible

CODES = CodeSystem.model_validate(
    {
        "codes": [
            {
                "name": "top",
                "label": "Top",
                "definition": "d",
                "codes": [{"name": c, "label": c, "definition": "d"} for c in ("x", "y")],
            }
        ]
    }
)


def tables(
    marks: dict[str, list[list[int]]], coders: list[list[str]] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segments and interviews from, for each code, rows of interviews and columns of coders (1: marked it)."""
    first = next(iter(marks.values()))
    names = [f"i{n}" for n in range(len(first))]
    who = coders or [[f"c{k}" for k in range(len(first[0]))] for _ in names]
    segments = [
        ["a", names[i], f"c{k}", code, 0, 5, "words"]
        for code, grid in marks.items()
        for i, row in enumerate(grid)
        for k, mark in enumerate(row)
        if mark
    ]
    interviews = pd.DataFrame(
        {
            "city": "a",
            "interview": names,
            "held": "",
            "order": range(1, len(names) + 1),
            "words": 9,
            "coders": who,
            "text": "words words",
        }
    )
    return pd.DataFrame(
        segments, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
    ), interviews


grids = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.integers(0, 1), min_size=coders, max_size=coders), min_size=2, max_size=14
    )
)


@settings(max_examples=60, deadline=None)
@given(grids)
def test_alpha_equals_the_krippendorff_library(grid):
    table = cssp.agreement(*tables({"x": grid}), CODES, replicates=0).set_index("code")
    values = np.array(grid)
    if values.min() == values.max():
        assert np.isnan(table.loc["x", "alpha"])
        return
    theirs = krippendorff.alpha(reliability_data=values.T, level_of_measurement="nominal")
    assert table.loc["x", "alpha"] == pytest.approx(theirs, abs=1e-12)


def test_alpha_with_coders_missing_equals_the_library():
    grid = [[1, 1, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1]]
    who = [["c0", "c1", "c2"], ["c0", "c1"], ["c0", "c2"], ["c1"]]
    marks = [
        [m if f"c{k}" in who[i] else 0 for k, m in enumerate(row)] for i, row in enumerate(grid)
    ]
    data = np.array(
        [
            [m if f"c{k}" in who[i] else np.nan for k, m in enumerate(row)]
            for i, row in enumerate(grid)
        ]
    )
    table = cssp.agreement(*tables({"x": marks}, who), CODES, replicates=0).set_index("code")
    assert table.loc["x", "alpha"] == pytest.approx(
        krippendorff.alpha(reliability_data=data.T, level_of_measurement="nominal")
    )
    assert table.loc["x", "n_interviews"] == 3


def test_the_default_study_equals_the_library(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    table = cssp.agreement(segments, interviews, study.codes, replicates=0).set_index("code")
    units = interviews["interview"].tolist()
    pooled = []
    for code in study.codes.leaves:
        own = segments[segments["code"] == code]
        data = np.array(
            [
                [float(((own["interview"] == i) & (own["coder"] == c)).any()) for i in units]
                for c in ("A", "B")
            ]
        )
        pooled.append(data)
        assert table.loc[code, "alpha"] == pytest.approx(
            krippendorff.alpha(reliability_data=data, level_of_measurement="nominal"), abs=1e-12
        )
    # all codes together: disagreement as observed by disagreement as expected, both added code by code
    observed = sum((data[0] != data[1]).mean() for data in pooled)
    expected = 0.0
    for data in pooled:
        n, ones = data.size, data.sum()
        expected += 2 * ones * (n - ones) / (n * (n - 1))
    assert table.loc["overall", "alpha"] == pytest.approx(1 - observed / expected, abs=1e-12)
    # pooled judgements have another: it stands in the coefficients' table, with a note
    whole = krippendorff.alpha(
        reliability_data=np.concatenate(pooled, axis=1), level_of_measurement="nominal"
    )
    beside = cssp.agreement_coefficients(segments, interviews, study.codes, replicates=0)
    (row,) = beside.query("code == 'overall' and coefficient == 'alpha'").to_dict("records")
    assert row["value"] == pytest.approx(whole, abs=1e-12)
    assert "pooled judgements" in row["note"]


def test_coders_who_mark_at_random_agree_on_nothing_however_common_the_codes_are():
    rng = np.random.default_rng(20)
    shares = {"x": 0.9, "y": 0.1}
    found = {
        code: (rng.random((400, 2)) < share).astype(int).tolist() for code, share in shares.items()
    }
    table = cssp.agreement(*tables(found), CODES, replicates=0).set_index("code")
    assert abs(table.loc["overall", "alpha"]) < 0.1
    beside = cssp.agreement_coefficients(*tables(found), CODES, replicates=0)
    assert beside.query("code == 'overall' and coefficient == 'alpha'")["value"].iloc[0] > 0.5


@settings(max_examples=30, deadline=None)
@given(grids, st.randoms())
def test_permuting_the_coders_changes_nothing(grid, random):
    order = list(range(len(grid[0])))
    random.shuffle(order)
    one = cssp.agreement(*tables({"x": grid}), CODES, replicates=0)
    two = cssp.agreement(
        *tables({"x": [[row[k] for k in order] for row in grid]}), CODES, replicates=0
    )
    pd.testing.assert_frame_equal(one.drop(columns="code"), two.drop(columns="code"))


def test_identical_coders_give_one_and_an_unused_code_gives_none():
    table = cssp.agreement(*tables({"x": [[1, 1], [0, 0], [1, 1]]}), CODES).set_index("code")
    assert table.loc["x", "alpha"] == 1
    assert np.isnan(table.loc["y", "alpha"])
    assert table.loc["y", "note"] == NOTE_UNUSED


def test_one_coder_has_no_agreement():
    table = cssp.agreement(*tables({"x": [[1], [0]]}), CODES)
    assert set(table["note"]) == {NOTE_ONE_CODER}
    assert table["alpha"].isna().all()


def test_the_bootstrap_is_the_same_for_the_same_seed_and_draws_interviews(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    one, two = (
        cssp.agreement(segments, interviews, study.codes, replicates=300, seed=7) for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)
    row = one.set_index("code").loc["overall"]
    assert row["ci_low"] < row["alpha"] < row["ci_high"]
    # a slow bootstrap by drawing rows of interviews gives about the same interval
    naming = cssp.interviews.coding.naming_table(segments, interviews, study.codes)[
        study.codes.leaves
    ].astype(float)
    cube = naming.to_numpy().reshape(len(interviews), 2, -1)
    rng = np.random.default_rng(1)
    slow = []
    for _ in range(300):
        drawn = cube[rng.integers(0, len(cube), len(cube))]
        slow.append(
            krippendorff.alpha(
                reliability_data=drawn.transpose(1, 0, 2).reshape(2, -1),
                level_of_measurement="nominal",
            )
        )
    assert np.quantile(slow, 0.025) == pytest.approx(row["ci_low"], abs=0.04)
    assert np.quantile(slow, 0.975) == pytest.approx(row["ci_high"], abs=0.04)


def test_q_is_the_share_of_replicates_below_the_minimum():
    table = cssp.agreement(*tables({"x": [[1, 1], [0, 0]] * 10}), CODES).set_index("code")
    assert table.loc["x", "q_0667"] == 0


def test_prevalence_counts_interviews_not_segments():
    segments, interviews = tables({"x": [[1, 1], [1, 0], [0, 0], [0, 1]]})
    segments = pd.concat([segments, segments])  # marked twice: still one interview
    every = cssp.code_prevalence(segments, interviews, CODES, rule="all").set_index("code")
    anyone = cssp.code_prevalence(segments, interviews, CODES, rule="any").set_index("code")
    assert (every.loc["x", "named"], anyone.loc["x", "named"]) == (1, 3)
    assert (every.loc["top", "named"], anyone.loc["top", "named"]) == (1, 3)
    assert every.loc["y", ["named", "ci_low"]].tolist() == [0, 0]
    assert every.loc["y", "ci_high"] > 0


def test_a_finding_says_where_the_coders_agree_too_little():
    """x: they agree; y: as often as chance would have them; the group `top` has an alpha of its own. A code without alpha gets no note."""
    segments, interviews = tables(
        {"x": [[1, 1], [0, 0], [1, 1], [0, 0]], "y": [[1, 0], [0, 1], [1, 1], [0, 0]]}
    )
    agreed = cssp.agreement(segments, interviews, CODES)
    prevalence = cssp.code_prevalence(segments, interviews, CODES, rule="all")
    told = cssp.with_agreement(prevalence.assign(note=["", "few", "few"]), agreed).set_index("code")
    alpha = agreed.set_index("code")["alpha"]
    assert told["alpha"].to_dict() == {name: alpha[name] for name in ("top", "x", "y")}
    assert alpha["y"] < 0.667 < alpha["x"]
    assert told.loc["x", "note"] == "few"
    assert told.loc["y", "note"] == f"few; {NOTE_DOUBTED}"
    assert cssp.with_agreement(prevalence, agreed, minimum=-1)["note"].tolist() == ["", "", ""]
    one = cssp.agreement(
        segments[segments["coder"] == "c0"], interviews.assign(coders=[["c0"]] * 4), CODES
    )
    assert cssp.with_agreement(prevalence, one)["note"].tolist() == ["", "", ""]
    with pytest.raises(cssp.ScoringError, match="several rows a code"):
        cssp.with_agreement(prevalence, pd.concat([agreed, agreed]))


def test_readings_mark_codes_of_low_agreement(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    agreed = cssp.agreement(segments, interviews, study.codes)
    prevalence = cssp.with_agreement(
        cssp.code_prevalence(segments, interviews, study.codes), agreed
    )
    leaves = prevalence[prevalence["code"].isin(study.codes.leaves)]
    labels = Labels(study, "en")
    text = code_readings.prevalence(leaves, labels)
    for name, alpha in agreed.set_index("code")["alpha"].items():
        if name in study.codes.leaves and f"{labels.code(str(name))} (" in text:
            assert (f"{labels.code(str(name))} (alpha only {alpha:.2f})" in text) == (
                alpha < 0.667
            ), name
    assert "alpha only" in text
    drawn = figures.prevalence_dots(leaves, labels).figure.axes[0]
    marked = [text.get_text() for text in drawn.get_yticklabels() if text.get_text().endswith("*")]
    assert len(marked) == leaves.loc[leaves["alpha"] < 0.667, "code"].nunique() > 0
    assert "alpha below .667" in drawn.get_xlabel().replace("\n", " ")
    plain = figures.prevalence_dots(leaves.drop(columns=["alpha", "note"]), labels).figure.axes[0]
    assert (
        "*" not in "".join(text.get_text() for text in plain.get_yticklabels()) + plain.get_xlabel()
    )


def test_a_group_is_named_when_a_code_below_it_is():
    segments, interviews = tables({"x": [[1, 0]], "y": [[0, 1]]})
    table = cssp.code_prevalence(segments, interviews, CODES, rule="all").set_index("code")
    # one coder found x, the other y: both found the group
    assert table["named"].to_dict() == {"top": 1, "x": 0, "y": 0}


def test_gaps_are_first_minus_second(study):
    prevalence = cssp.code_prevalence(
        cssp.load_segments(study), cssp.load_interviews(study), study.codes
    )
    a, b = study.cities
    one, two = cssp.prevalence_gaps(prevalence, a, b), cssp.prevalence_gaps(prevalence, b, a)
    assert one["gap"].tolist() == pytest.approx((-two["gap"]).tolist())
    assert one["ci_low"].tolist() == pytest.approx((-two["ci_high"]).tolist())


def test_new_codes_add_up_to_the_codes_named(study):
    table = cssp.new_codes(cssp.load_segments(study), cssp.load_interviews(study), study.codes)
    for _, part in table.groupby("city"):
        assert part["new"].sum() == part["cumulative"].max()
        assert part["cumulative"].is_monotonic_increasing
        assert part["order"].tolist() == list(range(1, 15))
        assert (part["new"] <= part["codes_named"]).all()


def test_segments_quote_their_text(study):
    segments = cssp.load_segments(study)
    texts = cssp.load_interviews(study).set_index("interview")["text"]
    for row in segments.itertuples():
        assert row.quotation == texts[row.interview][row.start : row.end]
        assert row.quotation == row.quotation.strip()


def test_the_invented_interviews_are_as_promised(study):
    interviews = cssp.load_interviews(study)
    assert interviews.groupby("city").size().tolist() == [14, 14]
    assert interviews["words"].between(300, 500).all()
    assert interviews["text"].str.startswith("ВЫМЫШЛЕННОЕ ИНТЕРВЬЮ").all()
    assert interviews["text"].str.contains("INVENTED INTERVIEW").all()
    # no two alike: few runs of five words are shared by any two interviews
    runs = [
        {tuple(w[i : i + 5]) for i in range(len(w) - 4)}
        for w in interviews["text"].str.split("\n\n", n=1).str[1].str.lower().str.split()
    ]
    shared = max(len(a & b) for n, a in enumerate(runs) for b in runs[n + 1 :])
    assert shared <= 2
    assert 20 <= len(study.codes.leaves) <= 30


def test_quotations_are_agreed_ones_first_and_spread(study):
    table = cssp.exemplary_quotations(cssp.load_segments(study), study.codes)
    assert table["code"].tolist() == study.codes.leaves
    assert table["agreed"].all()
    assert table["interview"].value_counts().max() <= 2
    assert (table["gloss_en"] != "").all()


def test_pseudonyms_are_applied_to_quotations(study):
    segments = cssp.load_segments(study)
    word = segments["quotation"].iloc[0].split()[1].strip(",.")
    shown = cssp.exemplary_quotations(segments, study.codes, {word: "[name]"})
    assert not shown["quotation"].str.contains(rf"\b{word}\b", case=False).any()
    assert pseudonymise("Ивановна и Иванов", {"Иванов": "N"}) == "Ивановна и N"


def test_small_groups_are_hidden_and_cannot_be_reckoned_back():
    answers = coded(
        pd.DataFrame({"city": "a", "sector": ["x"] * 3 + ["y"] * 9 + ["z"] * 20, "q": 1})
    )
    sizes = group_sizes(answers, ["city", "sector"], 5)
    assert sizes["shown"].tolist() == [False, False, True]
    assert sizes["n"].isna().tolist() == [True, True, False]
    freq = visible(cssp.frequency_table(answers, ["q"], by=["city", "sector"]), sizes, 5)
    assert freq.index.tolist() == [("q", "a", "z")]


def test_of_two_groups_a_small_one_hides_both():
    answers = coded(pd.DataFrame({"city": "a", "sector": ["x"] * 3 + ["y"] * 40}))
    assert group_sizes(answers, ["city", "sector"], 5)["shown"].tolist() == [False, False]


def test_those_not_asked_have_not_answered():
    answers = pd.DataFrame({"city": "a", "q": [99] * 38 + [1, 2]})
    answers = with_codebook(
        answers,
        {
            "q": {
                "item": "q",
                "codes": [1, 2],
                "special": {99: "not_asked"},
                "sign": {},
                "weight": {},
                "ordered": True,
            }
        },
    )
    assert visible(
        cssp.frequency_table(answers, ["q"], by=["city"]), group_sizes(answers, ["city"], 5), 5
    ).empty


def test_items_that_few_answered_are_hidden():
    """And with them the next smallest group: the city's total less the rest would tell."""
    answers = coded(
        pd.DataFrame(
            {
                "city": "a",
                "sector": ["x"] * 9 + ["y"] * 9 + ["z"] * 12,
                "q": [1] * 9 + [1] * 3 + [None] * 6 + [1] * 12,
            }
        )
    )
    sizes = group_sizes(answers, ["city", "sector"], 5)
    freq = visible(cssp.frequency_table(answers, ["q"], by=["city", "sector"]), sizes, 5)
    assert freq.index.tolist() == [("q", "a", "z")]


def test_hidden_groups_are_together_no_fewer_than_the_smallest():
    """27 of business, 6 of the authorities, 3 and 1 others: 3 + 1 would be told by subtraction."""
    people = ["b"] * 27 + ["a"] * 6 + ["n"] * 3 + ["m"]
    answers = coded(pd.DataFrame({"city": "x", "sector": people}))
    sizes = group_sizes(answers, ["city", "sector"], 5).set_index("sector")
    assert sizes["shown"].to_dict() == {"a": False, "b": True, "m": False, "n": False}


@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_total_gives_a_small_group_away(grid):
    """Totals of rows and of columns: what they leave after the cells shown is no small group."""
    index = pd.MultiIndex.from_product([range(len(grid)), range(3)], names=["r", "c"])
    sizes = pd.Series(np.array(grid).ravel(), index=index)
    hidden = also_hidden(sizes, sizes.between(1, 4), [["r"], ["c"]], 5)
    assert hidden[sizes.between(1, 4)].all()
    for level in ("r", "c"):
        for _, block in sizes.groupby(level=level):
            own = hidden.loc[block.index] & (block > 0)
            left = block[own]
            whole = own.sum() == (block > 0).sum()  # all hidden: the total alone is left
            assert not own.any() or whole or (own.sum() >= 2 and left.sum() >= 5)


def edit_segments(copy, keep) -> None:
    path = copy / "cities/vologda/segments.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if keep(line)) + "\n", encoding="utf-8")


def test_a_coder_without_segments_in_an_interview_is_said(copy):
    from cssp.draft.check import find_problems

    edit_segments(copy, lambda line: not line.startswith("v01,B"))
    found = find_problems(cssp.load_study(copy), ["vologda"])
    assert [p.severity for p in found] == ["warning"]
    assert "The coder 'B' has no segment in the interview 'v01'" in found[0].what


@pytest.mark.parametrize(
    ("coders", "says"),
    [("a;B", "'a' is not a coder"), ("B;B", "named twice"), ("A", "'B' has segments")],
)
def test_coders_that_do_not_fit_are_problems(copy, coders, says):
    from cssp.draft.check import find_problems
    from cssp.study.problems import errors_in

    path = copy / "cities/vologda/interviews.csv"
    note, head, *lines = path.read_text("utf-8").splitlines()
    told = [f"{line},{coders if line.startswith('v02') else ''}" for line in lines]
    path.write_text("\n".join([note, f"{head},coders", *told]) + "\n", encoding="utf-8")
    assert any(says in p.what for p in errors_in(find_problems(cssp.load_study(copy), ["vologda"])))


def test_an_interview_coded_by_one_is_named_by_that_one(copy):
    edit_segments(copy, lambda line: not line.startswith("v01,B"))
    path = copy / "cities/vologda/interviews.csv"
    note, head, *lines = path.read_text("utf-8").splitlines()
    told = [f"{line},{'A' if line.startswith('v01') else ''}" for line in lines]
    path.write_text("\n".join([note, f"{head},coders", *told]) + "\n", encoding="utf-8")
    study = cssp.load_study(copy)
    segments, interviews = (
        cssp.load_segments(study, ["vologda"]),
        cssp.load_interviews(study, ["vologda"]),
    )
    growth = cssp.new_codes(segments, interviews, study.codes)
    assert (
        growth.loc[growth["interview"] == "v01", "codes_named"].item()
        == segments[segments["interview"] == "v01"]["code"].nunique()
    )
    assert (
        cssp.agreement(segments, interviews, study.codes, replicates=0)["n_interviews"].iloc[0]
        == 13
    )


def test_no_quotation_is_cut_where_a_coder_marked_more(study):
    segments = cssp.load_segments(study)
    for row in cssp.exemplary_quotations(segments, study.codes).itertuples():
        same = segments[(segments["code"] == row.code) & (segments["interview"] == row.interview)][
            "quotation"
        ]
        assert not [
            other for other in same if row.quotation in other and len(other) > len(row.quotation)
        ]


def test_the_order_of_interviews_is_that_of_dates_in_either_form(copy):
    path = copy / "cities/vologda/interviews.csv"
    text = path.read_text("utf-8")
    for day in sorted({line.split(",")[1] for line in text.splitlines()[2:]}):
        year, month, date = day.split("-")
        text = text.replace(day, f"{date}.{month}.{year}")
    path.write_text(text, encoding="utf-8")
    table = cssp.load_interviews(cssp.load_study(copy), ["vologda"])
    assert table["interview"].tolist() == [f"v{n:02d}" for n in range(1, 15)]
    assert table["held"].iloc[0] == "2024-02-05"
