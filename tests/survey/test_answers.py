"""Answers and frequency tables keep their codebook: whatever is done to them, numbers stay or are refused."""

from __future__ import annotations

import copy as copying
import io
import pickle

import pandas as pd
import pytest
from conftest import coded
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import answered, write_study

import cssp
from cssp import ScoringError, StudyError


@pytest.fixture(scope="module")
def answers(study):
    return cssp.load_survey(study)


def of_answers(study) -> dict:
    """Every public measure that reads respondents' rows."""
    book = study.questionnaire
    items = book.names("ordinal", focus=True)
    ranking, several = book.names("ranking"), book.names("multiple")
    index = book.indices[0]
    return {
        "frequency_table": lambda a: cssp.frequency_table(a, items, by=["city", "sector"]),
        "group_sizes": lambda a: cssp.group_sizes(a, ["city", "sector"], 5),
        "perception_matrix": cssp.perception_matrix,
        "reliability": lambda a: cssp.reliability(a, index),
        "item_statistics": lambda a: cssp.item_statistics(a, index),
        "item_bias": lambda a: cssp.item_bias(a, index),
        "scale_scores": lambda a: cssp.scale_scores(a, index),
        "ordinal_regression": lambda a: cssp.ordinal_regression(a, items[:1], ["city"]),
        "predicted_shares": lambda a: cssp.predicted_shares(a, items[0], ["city"]),
        "proportional_odds_test": lambda a: cssp.proportional_odds_test(a, items[:1], ["city"]),
        "ranking_summary": lambda a: cssp.ranking_summary(a, ranking[0]),
        "ranking_agreement": lambda a: cssp.ranking_agreement(a, ranking[0]),
        "options_within": lambda a: cssp.options_within(a, several[0]),
        "competence_weights": lambda a: cssp.competence_weights(a, study.file.competence),
        "weighted_balances": lambda a: cssp.weighted_balances(
            a, items, pd.Series(1.0, index=a.index)
        ),
        "answer_quality": lambda a: cssp.answer_quality(a, book, study.file.quality),
        "respondent_flow": cssp.respondent_flow,
    }


def of_counts(study) -> dict:
    """Every public measure that reads the frequency table."""
    return {
        "net_balance": lambda f: cssp.net_balance(f, "plain"),
        "compare_groups": lambda f: cssp.compare_groups(f, "city", within="sector"),
        "compare_adjusted": lambda f: cssp.compare_adjusted(f, "city", "sector"),
        "compare_many": lambda f: cssp.compare_many(f, "sector"),
        "dunn_test": lambda f: cssp.dunn_test(f, "sector"),
        "describe": cssp.describe,
        "simultaneous_shares": cssp.simultaneous_shares,
        "distribution": cssp.distribution,
        "readable": cssp.readable,
        "collapse": lambda f: cssp.collapse(f, ["city"]),
        "bootstrap_balances": lambda f: cssp.bootstrap_balances(f, "plain", replicates=100),
        "detectable_differences": lambda f: cssp.detectable_differences(f, "city"),
        "needed_n": lambda f: cssp.needed_n(
            f, f.items if hasattr(f, "items") and not callable(f.items) else [], [0.2]
        ),
        "sector_profile": lambda f: cssp.sector_profile(f, study.file.profile),
    }


def through_csv(table):
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


def through_parquet(table):
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return pd.read_parquet(buffer)


OPERATIONS = {
    "merge": lambda t: t.merge(
        pd.DataFrame({"respondent": t["respondent"], "mine": 1}), on="respondent"
    ),
    "join": lambda t: t.join(pd.Series(1, index=t.index, name="mine")),
    "concat": lambda t: pd.concat([t.iloc[:50], t.iloc[50:]]),
    "reindex": lambda t: t.reindex(list(t.index)),
    "csv": through_csv,
    "parquet": through_parquet,
}


def same(one, two) -> bool:
    return (
        one == two
        if isinstance(one, cssp.FrequencyTable)
        else pd.DataFrame(one).equals(pd.DataFrame(two))
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_measure_of_answers_gives_the_same_numbers_or_refuses(operation, answers, study):
    """Asked of the object, the operation is refused; asked of the plain table, its result is."""
    with pytest.raises((ScoringError, TypeError)):
        OPERATIONS[operation](answers)
    table = OPERATIONS[operation](answers.rows)
    for name, measure in of_answers(study).items():
        right = measure(answers)
        with pytest.raises(ScoringError, match="answers with their codebook are needed"):
            measure(table)
        if operation not in ("csv",):  # with the codebook again, the numbers are the same
            again = cssp.Answers(table.reset_index(drop=True), answers.codebook, answers.flow)
            assert same(measure(again), right), name


@pytest.mark.parametrize("operation", ["concat", "reindex", "csv", "parquet"])
def test_every_measure_of_counts_gives_the_same_numbers_or_refuses(operation, answers, study):
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    table = OPERATIONS[operation](freq.counts)
    for name, measure in of_counts(study).items():
        with pytest.raises(ScoringError, match="frequency table is needed"):
            measure(table)
        assert same(measure(freq), measure(pickle.loads(pickle.dumps(freq)))), name


def test_a_group_that_the_sizes_do_not_know_is_not_shown(answers, study):
    sizes = cssp.group_sizes(answers.where(city=study.cities[0]), ["city", "sector"], 5)
    known = sizes[sizes["city"].astype(str) == study.cities[0]]
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal")[:1], by=["city", "sector"]
    )
    shown = cssp.visible(freq, known, 5)
    assert set(shown.index.get_level_values("city").astype(str)) == {study.cities[0]}
    with pytest.raises(ScoringError, match="sizes are not those of groups by 'sector'"):
        cssp.visible(freq, cssp.group_sizes(answers, ["city"], 5), 5)


def test_objects_survive_copies_pickles_and_parquet(answers, study, tmp_path):
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal", "multiple"), by=["city", "sector"]
    )
    for one in (answers, freq):
        assert copying.copy(one) == copying.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
        one.to_parquet(tmp_path / "kept.parquet")
        assert type(one).from_parquet(tmp_path / "kept.parquet") == one
    answers.rows.to_parquet(tmp_path / "plain.parquet")
    with pytest.raises(cssp.DataError, match="no codebook in it"):
        cssp.Answers.from_parquet(tmp_path / "plain.parquet")


def test_nothing_done_to_the_plain_table_changes_the_answers(answers):
    first = answers["respondent"].iloc[0]
    rows = answers.rows
    rows.loc[0, "respondent"] = "somebody else"
    assert answers["respondent"].iloc[0] == first
    with pytest.raises(ScoringError, match="set in place"):
        answers.loc[0, "respondent"] = "somebody else"
    with pytest.raises(ScoringError, match="with_column"):
        answers["mine"] = 1


def test_both_show_themselves_without_a_row_of_a_respondent(answers, study):
    freq = cssp.frequency_table(answers, study.questionnaire.names("ordinal")[:2], by=["city"])
    for shown in (answers._repr_html_(), repr(answers)):
        assert study.questionnaire.names("ordinal")[0] in shown
        assert not any(f">{name}<" in shown for name in answers["respondent"].dropna().head(20))
    assert "<table" in answers._repr_html_() and "<table" in freq._repr_html_()


@given(st.lists(st.integers(1, 5), min_size=3, max_size=20), st.data())
def test_a_column_given_by_respondent_goes_where_it_belongs_in_any_order(codes, data):
    names = [str(number) for number in range(len(codes))]
    answers = coded(pd.DataFrame({"respondent": names, "q": codes}))
    group = pd.Series({name: "even" if int(name) % 2 == 0 else "odd" for name in names})
    order = data.draw(st.permutations(names))
    added = answers.with_column("group", group.loc[order], by="respondent")
    assert added["group"].tolist() == [group[name] for name in names]
    freq = cssp.frequency_table(added, ["q"], by=["group"])
    for name in ("even", "odd"):
        assert freq.where(group=name).to_numpy().sum() == sum(group == name)


def test_a_column_that_cannot_be_placed_is_refused():
    answers = coded(pd.DataFrame({"respondent": ["a", "b"], "q": [1, 2]}))
    with pytest.raises(ScoringError, match="1 values for 2 respondents"):
        answers.with_column("w", [1])
    with pytest.raises(ScoringError, match="another order"):
        answers.with_column("w", pd.Series([1, 2], index=[1, 0]))
    with pytest.raises(ScoringError, match="stands twice"):
        answers.with_column("w", pd.Series([1, 2, 3], index=["a", "a", "b"]), by="respondent")
    with pytest.raises(ScoringError, match="say what its new codes mean"):
        answers.with_column("q", [2, 1])
    with pytest.raises(ScoringError, match="answer 9, which"):
        answers.with_column("q", [2, 9], codes="q")


@pytest.mark.parametrize(
    ("counts", "match"),
    [
        (
            pd.DataFrame({1: [1, 2], 2: [3, 4]}, index=pd.Index(["q", "q"], name="item")),
            "stands twice",
        ),
        (pd.DataFrame({1: [1]}, index=pd.Index(["q"], name="item")), "no column for its answer 2"),
        (pd.DataFrame({1: [1], 2: [-1]}, index=pd.Index(["q"], name="item")), "negative"),
        (pd.DataFrame({1: [1.5], 2: [1]}, index=pd.Index(["q"], name="item")), "not whole"),
        (
            pd.DataFrame({1: [1], 2: [1], 9: [1]}, index=pd.Index(["q"], name="item")),
            "answer 9, which is not",
        ),
        (pd.DataFrame({1: [1], 2: [1]}, index=pd.Index(["r"], name="item")), "no entry"),
    ],
)
def test_counts_that_are_no_counts_are_refused(counts, match):
    with pytest.raises(ScoringError, match=match):
        cssp.FrequencyTable(counts, {"q": cssp.answer_codes([1, 2])})


def test_a_number_has_no_codes_to_be_counted_by(answers, study):
    number = study.questionnaire.names("numeric")[0]
    with pytest.raises(ScoringError, match="has no answer codes"):
        cssp.frequency_table(answers, [number])


def test_an_item_makes_groups(tmp_path):
    """The groups are those of pandas; who gave no answer is in none of them, and the flow says so."""
    table = answered()
    study = write_study(tmp_path, {"a.csv": table}, {}, cities=["town"], group="tenure")
    answers = cssp.load_survey(study).grouped_by(study.group())
    column = cssp.group_column(study.group())
    counts = cssp.frequency_table(answers, ["q2"], by=["city", column])
    expected = pd.crosstab(table["tenure"], table["q2"]).loc[[1, 2]]
    assert (
        counts.counts.loc["q2"][[1, 2, 3, 4, 5]].to_numpy().tolist() == expected.to_numpy().tolist()
    )
    flow = cssp.respondent_flow(answers).set_index("step")["count"]
    lost = int((table["tenure"] == 9).sum())
    assert flow["in no group"] == lost and flow["analysed"] == len(table) - lost
    assert "tenure" in answers.codebook  # the item itself stays
    with pytest.raises(StudyError, match="cannot be grouped by 'years'"):
        study.group("years")
    with pytest.raises(ScoringError, match="no item 'tenur'"):
        answers.grouped_by("tenur")
