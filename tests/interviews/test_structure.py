"""What goes together, what is enough, what is disputed, what is quoted: against slow definitions and by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import boschloo_exact, fisher_exact
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests

import cssp
from cssp import CsspError, DataError, ScoringError
from cssp.interviews import suggest_pseudonyms as names
from cssp.interviews.pages import disagreement_html, interview_html
from cssp.interviews.unseen_codes import chao2
from cssp.show.labels import Labels
from cssp.study.code_system import Code, CodeSystem

STUDY = cssp.load_study()
SEGMENTS, INTERVIEWS = cssp.load_segments(STUDY), cssp.load_interviews(STUDY)


def system(*names: str) -> CodeSystem:
    return CodeSystem(codes=[Code(name=n, label={"en": n}, definition={"en": n}) for n in names])


def named(
    rows: list[list[int]], codes: str = "wxyz", city: str = "a"
) -> tuple[pd.DataFrame, pd.DataFrame, CodeSystem]:
    """Segments and interviews of one coder: which interview names which code."""
    names = [f"i{n}" for n in range(len(rows))]
    marks = [
        (city, names[i], "A", codes[k], 0, 5, "words")
        for i, row in enumerate(rows)
        for k, v in enumerate(row)
        if v
    ]
    interviews = pd.DataFrame(
        {
            "city": city,
            "interview": names,
            "held": "",
            "order": range(1, len(rows) + 1),
            "text": "words words",
            "coders": [["A"]] * len(rows),
        }
    )
    return (
        pd.DataFrame(
            marks, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
        ),
        interviews,
        system(*codes),
    )


grids = st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(grids)
def test_rarefaction_is_the_mean_over_all_orders(rows):
    table = cssp.rarefaction(*named(rows), orders=10)
    grid = np.array(rows)
    every = np.array(
        [
            np.maximum.accumulate(grid[list(order)], axis=0).sum(axis=1)
            for order in permutations(range(len(rows)))
        ]
    )
    assert table["expected"].to_numpy() == pytest.approx(every.mean(axis=0), abs=1e-9)
    assert table["sd"].to_numpy() == pytest.approx(every.std(axis=0), abs=1e-6)
    assert (
        table["codes_in_order"].tolist() == np.maximum.accumulate(grid, axis=0).sum(axis=1).tolist()
    )


def test_the_range_of_random_orders_holds_the_expectation_and_is_seeded():
    first = cssp.rarefaction(SEGMENTS, INTERVIEWS, STUDY.codes, seed=1)
    assert first.equals(cssp.rarefaction(SEGMENTS, INTERVIEWS, STUDY.codes, seed=1))
    assert (
        (first["codes_low"] <= first["expected"] + 1)
        & (first["expected"] <= first["codes_high"] + 1)
    ).all()
    with pytest.raises(ScoringError, match="one or more"):
        cssp.rarefaction(SEGMENTS, INTERVIEWS, STUDY.codes, orders=0)


def test_saturation_by_hand():
    # four codes in the first two interviews, then 1, 0, 0, 0 new ones
    rows = [
        [1, 1, 0, 0, 0],
        [0, 0, 1, 1, 0],
        [0, 0, 0, 0, 1],
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
    ]
    table = cssp.saturation(
        *named(rows, "vwxyz"), base_sizes=(2,), run_lengths=(2, 3), thresholds=(0.0, 0.25)
    )
    told = table.set_index(["run_length", "new_threshold"])
    assert told["base_codes"].eq(4).all()
    assert told["reached_at"].to_dict() == {(2, 0.0): 5, (2, 0.25): 4, (3, 0.0): 6, (3, 0.25): 5}
    assert told.loc[(2, 0.25), ["new_in_run", "share"]].tolist() == [1, 0.25]
    short = cssp.saturation(
        *named(rows[:3], "vwxyz"), base_sizes=(2,), run_lengths=(2,), thresholds=(0.0,)
    )
    assert short["reached_at"].isna().all() and short["new_later"].isna().all()
    late = cssp.saturation(
        *named([[1, 1, 0], [0, 0, 0], [0, 0, 0], [0, 1, 1]], "xyz"),
        base_sizes=(1,),
        run_lengths=(2,),
        thresholds=(0.0,),
    ).iloc[0]
    assert (late["reached_at"], late["new_later"]) == (3, 1)
    rows = [
        [1, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
    ]  # the run itself brings one, which is not later
    told = cssp.saturation(
        *named(rows, "wxyz"), base_sizes=(1,), run_lengths=(1,), thresholds=(0.5,)
    ).iloc[0]
    assert (told["reached_at"], told["new_in_run"], told["new_later"]) == (2, 1, 1)
    assert short["new_in_run"].isna().all()
    for bad in ({"base_sizes": (0,)}, {"run_lengths": (0,)}, {"thresholds": (2.0,)}):
        with pytest.raises(ScoringError):
            cssp.saturation(*named(rows, "vwxyz"), **bad)


def test_chao2_by_its_formula():
    """With 3 codes in one interview, 2 in two, 14 interviews: 7 + 13/14 * 9 / 4; without twice: bias-corrected."""
    count = np.array([1, 1, 1, 2, 2, 5, 7, 0, 0])
    estimate, low, high = chao2(count, 14)
    k, r = 13 / 14, 1.5
    assert estimate == pytest.approx(7 + k * 9 / 4)
    variance = 2 * (k / 2 * r**2 + k**2 * r**3 + k**2 / 4 * r**4)
    spread = np.exp(1.959963985 * np.sqrt(np.log(1 + variance / (estimate - 7) ** 2)))
    assert (low, high) == pytest.approx((7 + (estimate - 7) / spread, 7 + (estimate - 7) * spread))
    once = chao2(np.array([1, 1, 1, 3]), 10)
    assert once[0] == pytest.approx(4 + 0.9 * 3 * 2 / 2)
    for count, n in (([3, 4], 10), ([0, 0], 10), ([1, 1], 1)):
        estimate, low, high = chao2(np.array(count), n)
        assert estimate == sum(c > 0 for c in count)
        assert np.isnan(low) and np.isnan(high), (
            "nothing named once, or one interview: nothing to estimate from"
        )
    table = cssp.unseen_codes(SEGMENTS, INTERVIEWS, STUDY.codes)
    assert table["city"].tolist() == ["vologda", "petrozavodsk", "all_cities"]
    assert (table["chao2"] >= table["heard"]).all()
    assert table["note"].map(bool).tolist() == [False, True, True]


def test_meetings_in_interviews_by_brute_force_and_the_chance_of_them():
    rows = [[1, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0], [0, 0, 1, 1]]
    table = cssp.co_occurrence(*named(rows), where="interview")
    told = table.set_index(["code", "with_code"])
    assert told.loc[("w", "x"), ["together", "n_code", "n_with", "n"]].tolist() == [2, 2, 2, 4]
    assert told.loc[("w", "x"), "expected"] == pytest.approx(1.0), "2 x 2 / 4"
    # hypergeometric: both marks on the same two of four interviews: 1 of 6 ways
    assert told.loc[("w", "x"), "p"] == pytest.approx(1 / 6)
    assert told.loc[("w", "y"), "together"] == 0
    assert told.loc[("w", "y"), "p"] == pytest.approx(1.0, abs=1e-9)
    assert told.loc[("w", "x"), "jaccard"] == 1
    assert (table["counted"] == "interviews").all()
    assert (table["p_adjusted"] >= table["p"]).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=6
    ),
    st.integers(1, 5),
)
def test_the_chance_of_meetings_is_exact_over_all_shuffles_within_cities(rows, cut):
    grid = np.array([row[:2] for row in rows])
    cities = np.array(["a"] * min(cut, len(rows)) + ["b"] * max(0, len(rows) - cut))
    segments, interviews, codes = named([list(row[:2]) for row in rows], "wx")
    city = dict(zip(interviews["interview"], cities, strict=True))
    table = cssp.co_occurrence(
        segments.assign(city=segments["interview"].map(city)), interviews.assign(city=cities), codes
    )
    if grid.any(axis=0).sum() < 2:
        assert table.empty
        return
    meet = []
    for order in permutations(range(len(rows))):
        if all(cities[order[n]] == cities[n] for n in range(len(rows))):
            meet.append((grid[:, 0] * grid[list(order), 1]).sum())
    row = table.iloc[0]
    assert row["expected"] == pytest.approx(np.mean(meet))
    assert row["p"] == pytest.approx((np.array(meet) >= row["together"]).mean())


def test_meetings_of_segments_and_overlaps():
    rows = [
        ("a", "i", "A", "x", 0, 5),
        ("a", "i", "A", "y", 0, 5),
        ("a", "i", "A", "y", 3, 9),
        ("a", "i", "B", "x", 20, 25),
        ("a", "i", "B", "y", 25, 30),
        ("a", "j", "A", "x", 0, 5),
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {
            "city": "a",
            "interview": ["i", "j"],
            "text": ["x" * 40] * 2,
            "coders": [["A", "B"], ["A"]],
        }
    )
    same = cssp.co_occurrence(segments, interviews, system("x", "y"), "segment", permutations=20)
    assert same[["together", "n_code", "n_with", "n"]].to_numpy().tolist() == [[1, 3, 3, 5]]
    over = cssp.co_occurrence(segments, interviews, system("x", "y"), "overlap", permutations=20)
    assert over["together"].tolist() == [2], (
        "touching is no overlap, and two coders' segments do not meet"
    )
    assert over["jaccard"].isna().all()
    with pytest.raises(ScoringError, match="Did you mean 'segment'"):
        cssp.co_occurrence(segments, interviews, system("x", "y"), "segments")
    with pytest.raises(ScoringError, match="cannot be negative"):
        cssp.co_occurrence(segments, interviews, system("x", "y"), permutations=-1)
    assert (
        cssp.co_occurrence(segments, interviews, system("x", "y"), "segment", permutations=0)[
            ["p", "expected"]
        ]
        .isna()
        .all(axis=None)
    )


def test_chance_never_gives_one_span_a_code_twice():
    """With one code on all 20 spans and another on 6 of them, all 6 meetings are forced: chance brings as many every time."""
    rows = [("a", "i", "A", "x", 10 * n, 10 * n + 5) for n in range(20)] + [
        ("a", "i", "A", "y", 10 * n, 10 * n + 5) for n in range(6)
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["x" * 300], "coders": [["A"]]}
    )
    for where in ("segment", "overlap"):
        row = cssp.co_occurrence(
            segments, interviews, system("x", "y"), where, permutations=200
        ).iloc[0]
        assert (row["together"], row["expected"], row["p"]) == (6, 6, 1)


def test_the_chance_of_meetings_on_spans_is_uniform_over_what_is_allowed():
    """Two spans of two codes each, from w w x y: w must be on both, x and y each on one: w-x, w-y always once; three codes on two spans by hand."""
    rows = [
        ("a", "i", "A", c, s, s + 5)
        for c, s in (("w", 0), ("x", 0), ("w", 10), ("y", 10), ("x", 20), ("z", 30))
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["x" * 60], "coders": [["A"]]}
    )
    table = cssp.co_occurrence(
        segments, interviews, system("w", "x", "y", "z"), "segment", permutations=4000, seed=3
    )
    codes, spans = ["w", "x", "w", "y", "x", "z"], [0, 0, 1, 1, 2, 3]
    allowed = [p for p in permutations(codes) if p[0] != p[1] and p[2] != p[3]]
    for row in table.itertuples():
        exact = np.mean(
            [
                sum({p[0], p[1]} == {row.code, row.with_code} for p in [q])
                + sum({q[2], q[3]} == {row.code, row.with_code} for p in [q])
                for q in allowed
            ]
        )
        assert row.expected == pytest.approx(exact, abs=0.04), (row.code, row.with_code)
    assert len(spans) == len(codes)


def test_an_interview_that_nobody_coded_is_not_an_interview_without_codes():
    segments, interviews, codes = named([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    interviews = interviews.assign(coders=[["A"], [], ["A"]])
    segments = segments[segments["interview"] != "i1"]
    assert cssp.new_codes(segments, interviews, codes)["new"].tolist() == [2, 1]
    assert cssp.unseen_codes(segments, interviews, codes)["n_interviews"].tolist() == [2]
    assert cssp.rarefaction(segments, interviews, codes)["expected"].iloc[-1] == 3
    assert cssp.co_occurrence(segments, interviews, codes, permutations=0)["n"].iloc[0] == 2
    assert (
        cssp.co_occurrence(segments, interviews, codes, "answer", permutations=0)["n"].iloc[0] == 2
    )
    assert cssp.code_prevalence(segments, interviews, codes)["n"].iloc[0] == 2


def test_tables_that_do_not_fit_each_other_are_told_not_counted_as_nothing():
    segments, interviews, codes = named([[1, 1, 0, 0]])
    with pytest.raises(ScoringError, match="'w', which is not in the code system"):
        cssp.code_prevalence(segments, interviews, system("a", "b"))
    with pytest.raises(ScoringError, match="not in the table of interviews"):
        cssp.agreement(segments.assign(city="elsewhere"), interviews, codes)
    with pytest.raises(ScoringError, match="no column 'coder'"):
        cssp.agreement(segments.drop(columns="coder"), interviews, codes)
    assert cssp.code_prevalence(
        segments.drop(columns="city"), interviews.drop(columns=["city", "coders"]), codes
    )["named"].tolist() == [1, 1, 0, 0]


def test_meetings_do_not_depend_on_the_names_of_codes():
    rows = [[1, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 0]]
    first = cssp.co_occurrence(*named(rows), permutations=0)
    other = cssp.co_occurrence(*named([row[::-1] for row in rows], "zyxw"), permutations=0)

    def key(table):
        return sorted(
            (tuple(sorted((r.code, r.with_code))), r.together, round(r.jaccard, 9))
            for r in table.itertuples()
        )

    assert key(first) == key(other)


def test_prevalence_is_compared_as_scipy_and_statsmodels_do():
    prevalence = pd.DataFrame(
        [
            ("a", "x", "x", 0, 9, 14),
            ("b", "x", "x", 0, 3, 14),
            ("a", "y", "y", 0, 0, 14),
            ("b", "y", "y", 0, 5, 14),
            ("a", "z", "z", 0, 0, 14),
            ("b", "z", "z", 0, 0, 14),
        ],
        columns=["city", "code", "group", "depth", "named", "n"],
    )
    table = cssp.compare_prevalence(prevalence, "a", "b").set_index("code")
    assert table.loc["x", "p"] == pytest.approx(boschloo_exact([[9, 3], [5, 11]]).pvalue)
    both = table.loc[["x", "y"]]
    assert both["p_adjusted"].tolist() == pytest.approx(
        multipletests(both["p"], method="holm")[1].tolist()
    )
    fisher = cssp.compare_prevalence(prevalence, "a", "b", test="fisher").set_index("code")
    assert fisher.loc["x", "p"] == pytest.approx(fisher_exact([[9, 5], [3, 11]]).pvalue)
    # the conditional estimate lies nearer to one than the sample's odds ratio; its interval is Fisher's, which leaves one in as p > 0.05
    assert 1 < table.loc["x", "odds_ratio"] < Table2x2([[9, 5], [3, 11]]).oddsratio
    assert table.loc["x", "odds_low"] < 1 < fisher.loc["x", "odds_high"]
    assert fisher.loc["x", "p"] > 0.05
    assert table.loc["y", "odds_ratio"] == 0
    assert table.loc["z", ["p", "odds_ratio", "p_adjusted"]].isna().all()
    narrow = cssp.compare_prevalence(prevalence, "a", "b", confidence=0.5).set_index("code")
    assert narrow.loc["x", "ci_low"] > table.loc["x", "ci_low"]
    assert narrow.loc["x", "odds_low"] > table.loc["x", "odds_low"]
    numbered = prevalence.assign(wave=prevalence["city"].map({"a": 1, "b": 2}))
    assert (
        cssp.compare_prevalence(numbered, 1, 2, by="wave").set_index("code").loc["x", "p"]
        == table.loc["x", "p"]
    )
    for bad in ({"test": "chi"}, {"correction": "x"}, {"second": "c"}):
        with pytest.raises(ScoringError):
            cssp.compare_prevalence(prevalence, **{"first": "a", "second": "b", **bad})


def test_nobody_naming_a_code_has_an_upper_bound():
    table = cssp.code_prevalence(*named([[1, 0, 0, 0]] * 14)).set_index("code")
    assert table.loc["x", "at_most"] == pytest.approx(1 - 0.05 ** (1 / 14))
    assert np.isnan(table.loc["w", "at_most"])
    assert table.loc["x", "ci_high"] > 0


# --- disagreement and consensus


def test_passages_join_overlapping_segments_of_one_code():
    rows = [
        ("a", "i", "A", "x", 0, 5),
        ("a", "i", "B", "x", 4, 9),
        ("a", "i", "A", "x", 9, 12),
        ("a", "i", "B", "y", 0, 5),
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["слово " * 5], "coders": [["A", "B"]]}
    )
    table = cssp.passages(segments, interviews)
    assert table[["code", "start", "end", "agreed"]].to_numpy().tolist() == [
        ["x", 0, 9, True],
        ["x", 9, 12, False],
        ["y", 0, 5, False],
    ]
    assert cssp.passages(segments[:0], interviews).empty
    disputed = cssp.disagreements(segments, interviews)
    assert disputed[["code", "marked_by", "not_marked_by"]].to_numpy().tolist() == [
        ["y", "B", "A"],
        ["x", "A", "B"],
    ]


def test_three_coders_in_a_chain_do_not_agree_where_no_word_is_marked_by_all():
    rows = [("a", "i", "A", "x", 0, 10), ("a", "i", "C", "x", 9, 30), ("a", "i", "B", "x", 29, 40)]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["x" * 50], "coders": [["A", "B", "C"]]}
    )
    assert cssp.passages(segments, interviews)["agreed"].tolist() == [False]
    segments.loc[0, "end"] = segments.loc[2, "start"] + 1
    assert cssp.passages(segments, interviews)["agreed"].tolist() == [True]


def test_passages_of_two_cities_with_the_same_names_are_told_apart():
    parts = [named([[1, 0, 0, 0]], city=city) for city in ("a", "b")]
    segments = pd.concat([p[0] for p in parts])
    interviews = pd.concat([p[1] for p in parts]).assign(coders=[["A", "B"], ["A", "B"]])
    table = cssp.disagreements(segments, interviews)
    assert table["passage"].is_unique
    told = table.assign(decision=["keep", "drop"])
    _, record = cssp.resolve(segments, interviews, told)
    assert sorted(record["status"]) == ["discarded", "kept"]
    for bad, message in (
        (pd.concat([told, told.assign(decision="drop")]), "Two different decisions"),
        (told.assign(decision="maybe"), "is not a decision"),
        (told.drop(columns="decision"), "no column 'decision'"),
    ):
        with pytest.raises(ScoringError, match=message):
            cssp.resolve(segments, interviews, bad)
    with pytest.raises(ScoringError, match="is one of the coders"):
        cssp.resolve(segments, interviews, told, coder="A")
    with pytest.raises(ScoringError, match="No segment has the code 'q'"):
        cssp.disagreements(segments, interviews, only=["q"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_decisions_go_out_and_come_back_as_a_consensus(kind, tmp_path):
    segments, interviews = cssp.select(SEGMENTS, INTERVIEWS, cities=["vologda"])
    table = cssp.disagreements(segments, interviews)
    path = cssp.write_disagreements(table, tmp_path / f"list.{kind}")
    empty = cssp.read_decisions(path)
    assert empty["passage"].tolist() == table["passage"].tolist()
    consensus, record = cssp.resolve(segments, interviews, empty)
    assert record["status"].value_counts().to_dict() == {
        "agreed": len(record) - len(table),
        "open": len(table),
    }
    told = table.assign(decision=["keep", "Drop", *[""] * (len(table) - 2)], note="talked over")
    cssp.write_disagreements(told, path)
    consensus, record = cssp.resolve(segments, interviews, cssp.read_decisions(path))
    told_status = record.set_index("passage")["status"]
    assert told_status[table["passage"][0]] == "kept"
    assert told_status[table["passage"][1]] == "discarded"
    assert len(consensus) == (told_status.isin(["agreed", "kept"])).sum()
    assert set(consensus["coder"]) == {"consensus"}
    assert len(record) == len(cssp.passages(segments, interviews)), (
        "what was discarded stays on record"
    )
    project = cssp.study_project(STUDY, ["vologda"])
    from cssp.interviews.exchange.project import new_guid

    names = dict(zip(project.codes["guid"], project.codes["code"], strict=True))
    marks = consensus.assign(code=[names[new_guid("code", code)] for code in consensus["code"]])
    extended = cssp.add_codings(project, marks)
    assert len(extended.codings) == len(project.codings) + len(consensus)
    assert "consensus" in extended.users["coder"].tolist()
    cssp.write_qdpx(extended, tmp_path / "c.qdpx")
    assert cssp.read_qdpx(tmp_path / "c.qdpx").segments.equals(extended.segments)
    assert len(cssp.add_codings(extended, marks).codings) == len(extended.codings), (
        "what is there is left as it is"
    )
    # the consensus is no third opinion: it is told apart unless it is asked for
    assert set(cssp.project_tables(extended)[0]["coder"]) == {"A", "B"}
    assert set(cssp.project_tables(extended, coders=["consensus"])[0]["coder"]) == {"consensus"}
    # from a project's own tables to its own consensus, under the names that the tables have
    own, texts = cssp.project_tables(project)
    settled, _ = cssp.resolve(own, texts, cssp.disagreements(own, texts).assign(decision="drop"))
    assert len(cssp.add_codings(project, settled).codings) == len(project.codings) + len(settled)


def test_decisions_that_do_not_fit(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("passage,decision\nv01:0-1:x,maybe\n", encoding="utf-8")
    with pytest.raises(DataError, match="'maybe' is no decision"):
        cssp.read_decisions(path)
    path.write_text("passage\nv01:0-1:x\n", encoding="utf-8")
    with pytest.raises(DataError, match="decision"):
        cssp.read_decisions(path)
    strange = pd.DataFrame({"passage": ["v99:0-1:x"], "decision": ["keep"]})
    with pytest.raises(ScoringError, match="is not disputed"):
        cssp.resolve(SEGMENTS, INTERVIEWS, strange)
    with pytest.raises(ScoringError, match=r"\.csv or \.xlsx"):
        cssp.write_disagreements(cssp.disagreements(SEGMENTS, INTERVIEWS), tmp_path / "list.txt")
    with pytest.raises(DataError, match="has no code"):
        cssp.add_codings(
            cssp.study_project(STUDY),
            pd.DataFrame(
                {"interview": ["x"], "coder": ["A"], "code": ["x"], "start": [0], "end": [1]}
            ),
        )


def test_confusion_counts_units_where_two_coders_gave_different_codes():
    text = "Первое предложение. Второе предложение. Третье предложение."
    rows = [
        ("i", "A", "x", 0, 19),
        ("i", "B", "y", 0, 19),
        ("i", "A", "x", 20, 39),
        ("i", "B", "x", 20, 39),
        ("i", "A", "y", 40, 59),
        ("i", "B", "x", 40, 59),
    ]
    segments = pd.DataFrame(rows, columns=["interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame({"interview": ["i"], "text": [text], "coders": [["A", "B"]]})
    table = cssp.code_confusion(segments, interviews, system("x", "y"))
    assert table[
        ["code", "with_code", "times", "agreed_code", "agreed_with"]
    ].to_numpy().tolist() == [["x", "y", 2, 1, 0]]


# --- voices and words


def test_quotations_by_each_rule_are_seeded_and_spread():
    for rule in ("typical", "rarest", "spread"):
        first = cssp.exemplary_quotations(SEGMENTS, STUDY.codes, per_code=2, rule=rule, seed=4)
        assert first.equals(
            cssp.exemplary_quotations(SEGMENTS, STUDY.codes, per_code=2, rule=rule, seed=4)
        )
        assert not first.duplicated(["code", "city", "interview"]).any()
    other = cssp.exemplary_quotations(SEGMENTS, STUDY.codes, per_code=2, rule="spread", seed=5)
    assert not first["quotation"].equals(other["quotation"])
    share = first["city"].value_counts(normalize=True)
    assert share.max() < 0.6
    with pytest.raises(ScoringError, match="rule of choice"):
        cssp.exemplary_quotations(SEGMENTS, STUDY.codes, rule="best")


def test_the_rarest_company_is_quoted():
    rows = [("a", f"i{n}", "A", "x", 0, 5, f"q{n}") for n in range(4)] + [
        ("a", "i0", "A", "y", 0, 5, ""),
        ("a", "i1", "A", "y", 0, 5, ""),
        ("a", "i2", "A", "z", 2, 8, ""),
    ]
    segments = pd.DataFrame(
        rows, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
    )
    table = cssp.exemplary_quotations(segments, system("x", "y", "z"), rule="rarest").set_index(
        "code"
    )
    assert table.loc["x", ["interview", "with_codes"]].tolist() == ["i2", "z"]


def test_attributes_that_would_name_an_organisation_are_not_told():
    interviews = INTERVIEWS.assign(size=["small"] * 20 + ["large"] * 8)
    table = cssp.exemplary_quotations(
        SEGMENTS, STUDY.codes, interviews=interviews, attributes=["field"]
    )
    assert (table["field"] == "").all(), "every field is one organisation's"
    table = cssp.exemplary_quotations(
        SEGMENTS, STUDY.codes, interviews=interviews, attributes=["size"]
    )
    assert set(table["size"]) <= {"small", "large"}
    for bad in ({"attributes": ["size"]}, {"interviews": interviews, "attributes": ["sise"]}):
        with pytest.raises(ScoringError):
            cssp.exemplary_quotations(SEGMENTS, STUDY.codes, **bad)


TALK = pd.DataFrame(
    {
        "interview": ["i", "j"],
        "text": ["— Про гранты?\nМы живём грантами. Грант один.", "Без гранта никак, а ёлки нет."],
    }
)


def test_a_word_is_found_in_all_its_forms():
    table = cssp.keyword_in_context(TALK, "грант")
    assert table["keyword"].tolist() == ["грантами", "Грант", "гранта"]
    assert table["before"].tolist()[0].endswith("Мы живём")
    assert len(cssp.keyword_in_context(TALK, "гранты", answers_only=False)) == 4
    assert cssp.keyword_in_context(TALK, "жить грант")["keyword"].tolist() == ["живём грантами"]
    assert (
        cssp.keyword_in_context(TALK, "грант", pseudonyms={"грантами": "[деньги]"})[
            "keyword"
        ].tolist()[0]
        == "[деньги]"
    )
    english = pd.DataFrame({"interview": ["i"], "text": ["Grants and a grant."]})
    assert cssp.keyword_in_context(english, "grant", "en")["keyword"].tolist() == ["grant"]
    with pytest.raises(ScoringError, match="holds no word"):
        cssp.keyword_in_context(TALK, "—")


def test_words_are_counted_by_their_dictionary_form_and_by_interviews():
    table = cssp.word_frequencies(TALK).set_index("lemma")
    assert table.loc["грант", ["count", "interviews", "n_interviews"]].tolist() == [3, 2, 2]
    assert "без" not in table.index
    assert "елка" in table.index
    assert "грант" not in cssp.word_frequencies(TALK, leave_out=["грантов"])["lemma"].tolist()
    by = cssp.word_frequencies(INTERVIEWS, by="city", speech=["NOUN"])
    assert set(by["city"]) == {"vologda", "petrozavodsk"}
    assert (by["interviews"] <= by["n_interviews"]).all()
    with pytest.raises(ScoringError, match="no attribute"):
        cssp.word_frequencies(INTERVIEWS, by="x")


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


# --- pages


def test_an_interview_is_shown_with_every_coder_and_without_names():
    labels = Labels(STUDY, "ru")
    text = "Вот Иванов сказал: денег нет & точка."
    segments = pd.DataFrame(
        [("A", "res_staff", 4, 10), ("B", "res_skills", 7, 25)],
        columns=["coder", "code", "start", "end"],
    )
    page = interview_html(text, segments, ["A", "B"], labels, "т", {"Иванов": "[имя]"})
    assert "Иванов" not in page
    assert page.count("[имя]") == 1
    assert "&amp; точка" in page
    assert page.count("<mark") == 3
    assert 'tabindex="0"' in page
    assert "A: нет кадров; B: нехватка умений" in page
    assert "solid" in page and "dashed" in page
    assert "<script" not in page
    html = cssp.show_interview(STUDY, "vologda", "v01", "en", codes=["res_premises"]).data
    assert "no premises" in html
    assert "Invented interviews" in html
    with pytest.raises(CsspError, match="no interview 'v99'"):
        cssp.show_interview(STUDY, "vologda", "v99")


def test_the_page_of_disputed_passages(tmp_path):
    path = cssp.write_disagreement_page(STUDY, tmp_path / "d.html", ["vologda"], "ru")
    page = path.read_text(encoding="utf-8")
    table = cssp.disagreements(*cssp.select(SEGMENTS, INTERVIEWS, cities=["vologda"]))
    assert page.count("<mark") == len(table)
    assert "Интервью вымышлены" in page
    assert "<script" not in page
    assert page.startswith("<!doctype html>")
    assert "0 passages" in disagreement_html(table[:0], Labels(STUDY, "en"))


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


def test_without_an_order_saturation_is_the_mean_over_all_orders():
    """Against the slow definition: every order of the interviews, one by one."""
    from itertools import permutations

    from cssp.interviews.saturation import NOTE_ALL_ORDERS, mean_over_orders

    marks = np.array([[1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 1]], bool)
    slow = np.mean(
        [np.maximum.accumulate(marks[list(order)], axis=0).sum(axis=1) for order in permutations(range(5))],
        axis=0,
    )  # fmt: skip
    assert mean_over_orders(marks) == pytest.approx(slow)
    names = [f"i{n}" for n in range(5)]
    codes = list("vwxy")
    segments = pd.DataFrame(
        [("c", names[i], "A", codes[j], 0, 1) for i, j in zip(*np.nonzero(marks), strict=True)],
        columns=["city", "interview", "coder", "code", "start", "end"],
    )
    interviews = pd.DataFrame(
        {"city": "c", "interview": names, "order": pd.array([pd.NA] * 5, dtype="Int64"),
         "held": "", "coders": [["A"]] * 5, "text": "x"}
    )  # fmt: skip
    book = _plain_codes(codes)
    growth = cssp.new_codes(segments, interviews, book)
    assert growth["cumulative"].tolist() == pytest.approx(slow.tolist())
    assert (growth["interview"] == "").all()
    found = cssp.saturation(segments, interviews, book, (2,), (2,), (0.0, 0.5))
    assert set(found["note"]) == {NOTE_ALL_ORDERS}
    assert found["base_codes"].tolist() == pytest.approx([slow[1]] * 2)
    known = cssp.saturation(
        segments, interviews.assign(order=range(1, 6)), book, (2,), (2,), (0.0,)
    )
    assert known["note"].tolist() == [""] and known["base_codes"].tolist() == [3]


def _plain_codes(names: list[str]):
    from cssp.study.code_system import CodeSystem

    label = {"en": "x"}
    return CodeSystem.model_validate(
        {"codes": [{"name": name, "label": label, "definition": label} for name in names]}
    )
