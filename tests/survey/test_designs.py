"""Designs by YAML alone: groups by an item, no cities or sectors, waves, weights, numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

import cssp
from cssp import Answers, DataError, ScoringError, StudyError, answer_codes
from cssp.draft.check import find_problems
from cssp.show.labels import Labels
from cssp.survey import figures, readings
from cssp.survey.balance import effective_sizes
from cssp.survey.waves import signed_ranks

FIVE = {
    "answers": [
        {"code": code, "label": {"en": f"mark {code}", "ru": f"балл {code}"}, "valence": valence}
        for code, valence in enumerate(
            ["negative", "negative", "neutral", "positive", "positive"], 1
        )
    ],
    "special": [
        {"code": 97, "label": {"en": "hard to say", "ru": "не знаю"}, "means": "hard_to_say"}
    ],
}
TENURE = {
    "answers": [
        {"code": 1, "label": {"en": "short", "ru": "недавно"}},
        {"code": 2, "label": {"en": "long", "ru": "давно"}},
    ],
    "special": [{"code": 9, "label": {"en": "refused", "ru": "отказ"}, "means": "refused"}],
}


def item(name: str, kind: str, **more: object) -> dict[str, object]:
    label = {"en": f"Item {name}", "ru": f"Вопрос {name}"}
    return {"name": name, "type": kind, "wording": label, "label": label, **more}


def write_study(folder, rows: dict[str, pd.DataFrame], survey: dict[str, object], **study: object):
    """Write a study whose survey's files are the tables; `survey` and `study` add to their YAML."""
    town = folder / "cities" / ("town" if "cities" in study else "all")
    town.mkdir(parents=True)
    book = {
        "scales": {"five": FIVE, "tenure": TENURE},
        "sections": [
            {
                "name": "all",
                "label": {"en": "All", "ru": "Всё"},
                "items": [
                    item("q1", "ordinal", scale="five"),
                    item("q2", "ordinal", scale="five"),
                    item("tenure", "single", scale="tenure"),
                    item("forms", "multiple", options={"a": {"en": "A"}, "b": {"en": "B"}}),
                    item("years", "numeric"),
                    item("why", "open"),
                ],
            }
        ],
    }
    for name, table in rows.items():
        table.to_csv(town / name, index=False)
    city = {
        "survey": {
            "file": next(iter(rows)),
            "provenance": {"source": "made for a test"},
            "status": "observed",
            "respondent": "id",
            **survey,
        }
    }
    if "cities" in study:
        city |= {"name": {"en": "Town"}, "region": {"en": "Region"}}
    told = {"title": {"en": "Study"}, "languages": ["en"], "smallest_cell": 3, **study}
    for path, content in (
        (folder / "study.yaml", told),
        (folder / "questionnaire.yaml", book),
        (town / "city.yaml", city),
    ):
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return cssp.load_study(folder)


def answered(n: int = 40, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"r{number}" for number in range(n)],
            "q1": random.choice([1, 2, 3, 4, 5, 97], n),
            "q2": random.integers(1, 6, n),
            "tenure": random.choice([1, 2, 2, 9], n),
            "forms__a": random.integers(0, 2, n),
            "forms__b": random.integers(0, 2, n),
            "years": random.integers(1, 30, n),
            "why": ["no money"] * 10 + [""] * (n - 10),
            "weight": random.uniform(0.2, 3, n).round(3),
        }
    )


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


def test_figures_and_sentences_name_the_groups(tmp_path):
    study = write_study(
        tmp_path, {"a.csv": answered(60)}, {}, cities=["town"], languages=["en", "ru"]
    )
    answers = cssp.load_survey(study).grouped_by("tenure")
    freq = cssp.frequency_table(answers, ["q1", "q2"], by=["city", "tenure_group"])
    for language, label in (("en", "short"), ("ru", "недавно")):
        labels = Labels(study, language)
        sizes = cssp.group_sizes(answers, ["city", "tenure_group"], 3)
        assert label in readings.sample(sizes, labels)
        head = labels.heads(sizes)["tenure_group"]
        assert head.text == labels.item("tenure")
        assert labels.frame(sizes)[head.text].iloc[0] == label
        balances = cssp.net_balance(freq, "plain")
        drawn = figures.balance_dots(balances, labels)
        assert label in {panel.get_title() for panel in drawn.figure.axes}
        bars = figures.answer_bars(cssp.distribution(freq), labels)
        assert label in {panel.get_title() for panel in bars.figure.axes}
        pairs = cssp.compare_groups(freq, between="tenure_group", within="city")
        assert label in labels.frame(pairs).to_csv()
        figures.effect_forest(pairs, labels)
    words = Labels(study, "ru").words
    assert "секторам" in words("Net balance of each item by city and sector")
    words.grouped = True
    assert "группам" in words("Net balance of each item by city and sector")


def test_a_study_without_cities_and_sectors(tmp_path):
    table = answered()
    study = write_study(tmp_path, {"a.csv": table}, {})
    assert not study.has_cities and study.sectors == ["all"]
    assert [p for p in find_problems(study, stages=["survey"]) if p.severity == "error"] == []
    answers = cssp.load_survey(study)
    assert set(answers["sector"]) == {"all"} and set(answers["city"]) == {"all"}
    counts = cssp.frequency_table(answers, ["q2"], by=["city", "sector"])
    expected = table["q2"].value_counts().sort_index()
    assert counts.counts.iloc[0].loc[[1, 2, 3, 4, 5]].tolist() == expected.tolist()
    shown = cssp.Show(study, "en", "survey", study.cities).table(
        cssp.group_sizes(answers, ["city", "sector"], 3), "who", "Respondents by city and sector"
    )
    assert list(shown.columns) == ["n", "shown"]  # no column of which there is but one value


def test_sectors_and_names_are_missed_where_the_study_has_them(tmp_path):
    study = write_study(
        tmp_path,
        {"a.csv": answered()},
        {},
        cities=["town"],
        sectors={"npo": {"label": {"en": "NPO"}}},
    )
    with pytest.raises(DataError, match="not said which respondents belong to which sector"):
        cssp.load_survey(study)
    path = tmp_path / "cities" / "town" / "city.yaml"
    told = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({k: v for k, v in told.items() if k != "region"}))
    with pytest.raises(StudyError, match="'region' is missing"):
        cssp.load_study(tmp_path).city("town")


WAVES = {"w1": {"label": {"en": "2019"}}, "w2": {"label": {"en": "2024"}}}


def test_waves_in_two_files_and_in_one(tmp_path):
    one, two = answered(seed=1), answered(seed=2)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    by_file = write_study(
        tmp_path / "a",
        {"one.csv": one, "two.csv": two},
        {"wave": {"all": "w1"}, "further": [{"file": "two.csv", "wave": {"all": "w2"}}]},
        cities=["town"],
        waves=WAVES,
    )
    both = pd.concat([one.assign(when=2019), two.assign(when=2024)])
    by_column = write_study(
        tmp_path / "b",
        {"both.csv": both.assign(id=range(len(both)))},
        {"wave": {"column": "when"}},
        cities=["town"],
        waves=WAVES,
    )
    tables = [
        cssp.frequency_table(cssp.load_survey(study), ["q1", "q2"], by=["city", "wave"]).counts
        for study in (by_file, by_column)
    ]
    assert tables[0].equals(tables[1])
    assert len(cssp.load_survey(by_file).of_wave()) == len(two)
    assert cssp.load_survey(by_file).of_wave("w1")["q2"].tolist() == one["q2"].tolist()
    with pytest.raises(ScoringError, match="no wave 'w3'"):
        cssp.load_survey(by_file).of_wave("w3")
    assert set(cssp.intake(by_file)["item"]) == set(cssp.intake(by_column)["item"]) - {"wave"}


def test_a_respondent_in_two_files_of_one_time_is_an_error(tmp_path):
    study = write_study(
        tmp_path,
        {"one.csv": answered(), "two.csv": answered(seed=9)},
        {"further": [{"file": "two.csv"}]},
        cities=["town"],
    )
    with pytest.raises(DataError, match="'r0' stands also in"):
        cssp.load_survey(study)


def panel(first: list[int], second: list[int], **more: object) -> Answers:
    n = len(first)
    rows = pd.DataFrame(
        {
            "respondent": [*range(n), *range(n)],
            "city": "a",
            "wave": pd.Categorical(["w1"] * n + ["w2"] * n, categories=["w1", "w2"]),
            "q": [*first, *second],
        }
    )
    book = {"q": answer_codes([1, 2, 3, 4, 5], positive=[4, 5], negative=[1, 2], **more)}
    return Answers(rows, book)


answers_of_two = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=9)


@given(answers_of_two)
def test_p_of_signed_ranks_is_that_of_all_signs(pairs):
    step = np.array([b - a for a, b in pairs])
    step = step[step != 0]
    if not len(step):
        return
    effect, p = signed_ranks(step)
    ranks = stats.rankdata(np.abs(step))
    own = ranks[step > 0].sum()
    all_sums = [
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in itertools.product([0, 1], repeat=len(step))
    ]
    middle = ranks.sum() / 2
    far = [abs(value - middle) >= abs(own - middle) - 1e-9 for value in all_sums]
    assert p == pytest.approx(np.mean(far))
    assert effect == pytest.approx((own - (ranks.sum() - own)) / ranks.sum())


@given(
    st.lists(
        st.floats(-9, 9).filter(lambda x: abs(x) > 1e-6), min_size=3, max_size=20, unique_by=abs
    )
)
@settings(max_examples=40)
def test_without_ties_signed_ranks_are_scipys(steps):
    step = np.array(steps)
    assert signed_ranks(step)[1] == pytest.approx(stats.wilcoxon(step, method="exact").pvalue)


def test_many_signed_ranks_are_scipys_approximation():
    step = np.random.default_rng(1).integers(-3, 5, 300)
    expected = stats.wilcoxon(step, zero_method="wilcox", method="asymptotic")
    assert signed_ranks(step)[1] == pytest.approx(expected.pvalue)


def test_a_panel_counts_own_changes_only():
    random = np.random.default_rng(4)
    first = random.integers(1, 6, 60)
    second = np.clip(first + random.integers(-1, 3, 60), 1, 5)
    found = cssp.wave_changes(panel(list(first), list(second)), ["q"], panel=True).iloc[0]
    side = np.array([-1, -1, 0, 1, 1])
    own = side[second - 1] - side[first - 1]
    low, high = stats.ttest_1samp(own, 0).confidence_interval(0.95)
    assert (found["change"], found["ci_low"], found["ci_high"]) == pytest.approx(
        (own.mean(), low, high)
    )
    assert (found["up"], found["down"]) == ((second > first).sum(), (second < first).sum())
    apart = cssp.wave_changes(panel(list(first), list(second)), ["q"], panel=False).iloc[0]
    ranks = stats.mannwhitneyu(second, first, use_continuity=False)
    assert apart["p"] == pytest.approx(ranks.pvalue)
    assert apart["change"] == pytest.approx(found["change"])
    assert apart["ci_high"] - apart["ci_low"] > found["ci_high"] - found["ci_low"]


def test_a_share_in_a_panel_is_mcnemars():
    random = np.random.default_rng(5)
    first, second = random.integers(0, 2, 50), random.integers(0, 2, 50)
    rows = panel([1] * 50, [1] * 50).rows.drop(columns="q").assign(forms__a=[*first, *second])
    entry = {"forms__a": {**answer_codes([0, 1], positive=[1]), "ordered": False, "item": "forms"}}
    found = cssp.wave_changes(Answers(rows, entry), ["forms"], panel=True).iloc[0]
    table = pd.crosstab(first, second).to_numpy()
    assert found["p"] == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found["test"] == "McNemar"
    assert found["change"] == pytest.approx(second.mean() - first.mean())


def test_who_answered_once_does_not_count_in_a_panel():
    rows = panel([1, 2, 3, 4], [5, 5, 5, 5]).rows.iloc[:6]
    answers = Answers(rows, panel([1], [1]).codebook)
    assert cssp.wave_changes(answers, ["q"], panel=True)["pairs"].tolist() == [2]
    with pytest.raises(ScoringError, match="stands twice in the wave"):
        twice = pd.concat([rows, rows.iloc[:1]])
        cssp.wave_changes(Answers(twice, answers.codebook), ["q"], panel=True)
    hidden = cssp.wave_changes(answers, ["q"], panel=True, smallest=3).iloc[0]
    assert "suppressed" in hidden["note"] and pd.isna(hidden["pairs"])


def test_weights_are_read_and_carried(tmp_path):
    """Shares, balances and options are those of the slow definition; n is respondents."""
    table = answered(50)
    study = write_study(tmp_path, {"a.csv": table}, {"weight": "weight"}, cities=["town"])
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(answers, ["q1"], by=["city"], weights="weight")
    known = table[table["q1"] != 97]
    shares = cssp.distribution(freq).set_index("answer")
    for code in range(1, 6):
        own = known["weight"][known["q1"] == code].sum() / known["weight"].sum()
        assert shares.loc[code, "share"] == pytest.approx(own)
        assert shares.loc[code, "count"] == (table["q1"] == code).sum()
    assert set(shares["n"]) == {len(known)} and set(shares["n_all"]) == {len(table)}
    balance = cssp.net_balance(freq, "plain", interval="adjusted").iloc[0]
    slow = cssp.weighted_balances(answers, ["q1"], "weight", ["city"], interval="adjusted").iloc[0]
    assert balance["n"] == len(known)
    assert (balance["balance"], balance["ci_low"], balance["ci_high"]) == pytest.approx(
        (slow["weighted"], slow["ci_low"], slow["ci_high"])
    )
    chosen = cssp.option_shares(cssp.frequency_table(answers, ["forms"], ["city"], "weight"))
    share = np.average(table["forms__a"], weights=table["weight"])
    assert chosen["share"].iloc[0] == pytest.approx(share)
    assert chosen["n"].iloc[0] == 50 and chosen["count"].iloc[0] == table["forms__a"].sum()
    assert chosen["ci_low"].iloc[0] < share < chosen["ci_high"].iloc[0]
    described = cssp.describe(freq).iloc[0]
    assert described["n"] == len(known)
    assert described["mean"] == pytest.approx(np.average(known["q1"], weights=known["weight"]))


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3).filter(lambda c: sum(c) > 2))
def test_equal_weights_change_nothing(counts):
    values = [code for code, count in enumerate(counts, 1) for _ in range(count)]
    rows = pd.DataFrame({"city": "a", "q": values, "weight": 0.7})
    answers = Answers(rows, {"q": answer_codes([1, 2, 3], positive=[3], negative=[1])})
    plain = cssp.frequency_table(answers, ["q"], ["city"])
    weighted = cssp.frequency_table(answers, ["q"], ["city"], "weight")
    for base in ("all", "substantive"):
        for interval in ("delta", "adjusted"):
            a, b = (
                cssp.net_balance(one, "plain", base, interval=interval)[
                    ["balance", "se", "ci_low", "ci_high", "n", "positive", "special"]
                ].to_numpy(dtype=float)
                for one in (plain, weighted)
            )
            np.testing.assert_allclose(a, b, atol=1e-9)
    assert cssp.distribution(plain)["share"].tolist() == pytest.approx(
        cssp.distribution(weighted)["share"].tolist(), nan_ok=True
    )
    size = effective_sizes(
        weighted.to_numpy(),
        weighted.behind.squares.to_numpy(),
        np.array([-1.0, 0, 1]),
        np.array([float(len(values))]),
    )
    assert size == pytest.approx([len(values)])


def test_what_stands_behind_weights_is_cut_and_summed_with_them(tmp_path):
    table = answered(50)
    study = write_study(tmp_path, {"a.csv": table}, {"weight": "weight"}, cities=["town"])
    answers = cssp.load_survey(study).grouped_by("tenure")
    freq = cssp.frequency_table(answers, ["q1", "q2"], ["city", "tenure_group"], "weight")
    whole = cssp.collapse(freq, ["city"])
    again = cssp.frequency_table(answers, ["q1", "q2"], ["city"], "weight")
    for one in ("people", "squares"):
        np.testing.assert_allclose(getattr(whole.behind, one), getattr(again.behind, one))
    part = freq.where(item="q2")
    assert part.behind.people.index.equals(part.index)
    visible = cssp.visible(freq, cssp.group_sizes(answers, ["city", "tenure_group"], 3), 3)
    assert visible.behind.people.index.equals(visible.index)


@pytest.mark.parametrize("wrong", ["", "-1", "heavy"])
def test_a_weight_that_is_none_is_an_error(tmp_path, wrong):
    table = answered().astype({"weight": object})
    table.loc[4, "weight"] = wrong
    study = write_study(tmp_path, {"a.csv": table}, {"weight": "weight"}, cities=["town"])
    with pytest.raises(DataError, match=r"row 6.*weight.*no number of 0 or more"):
        cssp.load_survey(study)


def test_numbers_are_those_of_scipy(tmp_path):
    table = answered(50)
    study = write_study(tmp_path, {"a.csv": table}, {}, cities=["town"])
    answers = cssp.load_survey(study).grouped_by("tenure")
    told = cssp.describe_numbers(answers, ["years"], ["city", "tenure_group"]).set_index(
        "tenure_group"
    )
    one, two = (table.loc[table["tenure"] == code, "years"].astype(float) for code in (1, 2))
    low, high = stats.ttest_1samp(one, 0).confidence_interval(0.95)
    row = told.loc["tenure=1"]
    assert (row["mean"], row["ci_low"], row["ci_high"]) == pytest.approx((one.mean(), low, high))
    assert (row["n"], row["median"], row["sd"]) == pytest.approx(
        (len(one), one.median(), one.std())
    )
    compared = cssp.compare_numbers(answers, ["years"], "tenure_group", "city").iloc[0]
    test = stats.ttest_ind(one, two, equal_var=False)
    assert (compared["p"], compared["t"]) == pytest.approx((test.pvalue, test.statistic))
    assert compared["mean_gap"] == pytest.approx(one.mean() - two.mean())
    assert "minimum" not in told and "maximum" not in told
    hidden = cssp.describe_numbers(answers, ["years"], ["city", "tenure_group"], smallest=40)
    assert hidden["n"].isna().all() and hidden["mean"].isna().all()


def test_open_answers_are_counted_and_never_shown(tmp_path):
    study = write_study(tmp_path, {"a.csv": answered(50)}, {}, cities=["town"])
    told = cssp.open_answers(cssp.load_survey(study), ["why"])
    assert told[["n", "written", "words"]].to_numpy().tolist() == [[50, 10, 2.0]]
    assert "money" not in told.to_csv()
    few = cssp.open_answers(cssp.load_survey(study), ["why"], smallest=11).iloc[0]
    assert pd.isna(few["written"]) and pd.isna(few["words"])
