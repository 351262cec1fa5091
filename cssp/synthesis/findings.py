"""The study's questions, each answered by one comparison with its interval, base and verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm

from cssp.desk.region_tables import regions_of
from cssp.interviews.compare_prevalence import compare_prevalence
from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust
from cssp.study.questions import Question
from cssp.study.study import Stage, Study
from cssp.survey.answers import Answers
from cssp.survey.perception import perception_matrix
from cssp.survey.perception_differences import POWER, perception_differences

CLEAR, OPPOSITE, NOT_CLEAR, UNKNOWN = "clear", "opposite", "not_clear", "unknown"
COUNTED = "counted"
#: Whom the items of a question rate, where the question itself names the items.
ASKED = "asked"
NOTE_NO_DATA = "no data of one of the cities"
NOTE_HIDDEN = "too few respondents to be shown"
#: The verdict rests on the corrected p below this.
LEVEL = 0.05
STAGES: dict[str, Stage] = {
    "support": "desk",
    "perception": "survey",
    "items": "survey",
    "code": "interviews",
}
_VERDICTS = {
    CLEAR: {"en": "clear", "ru": "ясно"},
    OPPOSITE: {"en": "clear, against what was expected", "ru": "ясно, вопреки ожиданию"},
    NOT_CLEAR: {"en": "not clear at this size", "ru": "неясно при таком числе ответов"},
    UNKNOWN: {"en": "not known", "ru": "неизвестно"},
    COUNTED: {"en": "counted, no test", "ru": "сплошные данные, проверка не нужна"},
}
_KINDS = {
    "support": {"en": "money", "ru": "деньги"},
    "perception": {"en": "survey: one sector on another", "ru": "опрос: сектор о секторе"},
    "items": {"en": "survey: items", "ru": "опрос: вопросы"},
    "code": {"en": "interviews: a code", "ru": "интервью: код"},
}
_COLUMNS = ["value_first", "value_second", "gap", "ci_low", "ci_high", "p", "detectable",
            "n_first", "n_second", "note"]  # fmt: skip


@returns(
    Column("question", "question", "question"),
    Column("kind", "kind of evidence", "word", values=_KINDS),
    "first",
    "second",
    Column("value_first", "first", "significant3"),
    Column("value_second", "second", "significant3"),
    Column("gap", "difference", "significant3"),
    *bounds("gap"),
    "p",
    "p_adjusted",
    "n_tests",
    Column("detectable", "smallest difference findable", "significant3"),
    "n_first",
    "n_second",
    Column("year", "year", "plain"),
    Column("reversed_in", "reversed in", "text"),
    Column("expected", "expected to be higher", "city"),
    Column("verdict", "verdict", "word", values=_VERDICTS),
    "note",
    Column("data", "data", "text"),
)
def findings(
    study: Study,
    first: str,
    others: Iterable[str],
    answers: Answers | None = None,
    prevalence: pd.DataFrame | None = None,
    regions: pd.DataFrame | None = None,
    stages: Iterable[Stage] = (),
) -> pd.DataFrame:
    """Answer the study's questions (`questions` in study.yaml), the first city against each other.

    The verdict follows from the numbers alone. *Clear*: the corrected p is below .05. The
    correction counts all questions of the study that are tested: within a stage by the study's
    method, between the stages by their numbers of questions (weighted Bonferroni). So a question
    has the same p in the notebook of its stage as in that of all, and a "clear" is wrong in at
    most 5 of 100 studies without any difference. *Opposite*: clear, but the other city is higher
    than the one that was expected to be. *Not clear at this size*: a difference of `detectable` or
    more would have passed the correction with a chance of 80 %; smaller ones may exist. *Counted*:
    money is a full count, of which there is no test; the years in which it was the other way round
    stand in `reversed_in`. *Not known*: data are missing or too few to be shown.

    Parameters
    ----------
    study : the study
    first, others : the cities
    answers : table from `load_survey`
    prevalence : table from `code_prevalence`, by city
    regions : table from `region_support`; the cities stand for their regions
    stages : only questions to these stages; none: all

    Returns
    -------
    One row a question and other city, in the order of study.yaml: `question, kind` (support,
    perception, items, code), `first, second, value_first, value_second, gap` (first minus second;
    balances and shares in [-1, 1], money in roubles per resident), `ci_low, ci_high, p,
    p_adjusted, n_tests, detectable, n_first, n_second` (respondents or interviews), `year,
    reversed_in` (of money: the other years in which the other city was ahead), `expected, verdict,
    note, data` (observed, simulated or invented).

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> found = findings(study, study.cities[0], study.cities[1:], load_survey(study))
    >>> found.loc[found["kind"] == "support", "verdict"].unique().tolist()
    ['unknown']
    """
    wanted = set(stages) or set(STAGES.values())
    asked = {n: q for n, q in study.file.questions.items() if STAGES[q.kind] in wanted}
    matrices = _matrices(study, answers, asked)
    parts = []
    for second in others:
        if second == first:
            continue
        rows = [
            {
                "question": name,
                "kind": question.kind,
                "first": first,
                "second": second,
                "expected": question.higher or "",
                "year": np.nan,
                "reversed_in": "",
                "data": "+".join(sorted(set(study.status(STAGES[question.kind], [first, second])))),
                **_answer(study, question, first, second, matrices.get(name), prevalence, regions),
            }
            for name, question in asked.items()
        ]
        table = pd.DataFrame(rows)
        if len(table):
            table["p_adjusted"] = _corrected(study, table)
            table["n_tests"] = _tested(study)
            table["detectable"] *= _harder(_tested(study))
            table["verdict"] = [_verdict(row) for row in table.to_dict("records")]
            parts.append(table)
    columns = ["question", "kind", "first", "second", *_COLUMNS[:6], "p_adjusted", "n_tests",
               "detectable",
               "n_first", "n_second", "year", "reversed_in", "expected", "verdict",
               "note", "data"]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _matrices(
    study: Study, answers: Answers | None, asked: Mapping[str, Question]
) -> dict[str, pd.DataFrame]:
    """Return for each question to the survey the perception matrix that answers it.

    Whom the items rate stands in the questionnaire, so one matrix serves all such questions.
    """
    if answers is None:
        return {}
    smallest, found = study.file.smallest_cell, {}
    rating = {name for name, question in asked.items() if question.perception is not None}
    if rating:
        found = dict.fromkeys(sorted(rating), perception_matrix(answers, smallest=smallest))
    for name, question in asked.items():
        if question.items is not None:
            items = dict.fromkeys(question.items.items, ASKED)
            found[name] = perception_matrix(answers, rated=items, smallest=smallest)
    return found


def _corrected(study: Study, table: pd.DataFrame) -> pd.Series:
    """Return p corrected within each stage, times all tested questions over those of the stage."""
    of_kind = [question.kind for question in study.file.questions.values()]
    stage_of = [STAGES[kind] for kind in of_kind if kind != "support"]  # money is not tested
    found = pd.Series(np.nan, index=table.index)
    for stage, rows in table.groupby(table["kind"].map(STAGES)):
        if stage in stage_of:
            share = len(stage_of) / stage_of.count(stage)
            adjusted = adjust(rows["p"].to_numpy(dtype=float), study.file.corrections.method)
            found[rows.index] = np.minimum(adjusted * share, 1.0)
    return found


def _tested(study: Study) -> int:
    """Return how many questions are tested: money is counted."""
    return sum(question.kind != "support" for question in study.file.questions.values())


def _harder(tests: int) -> float:
    """Return how much larger a difference must be to pass the correction with the same chance.

    As for the smallest p of so many tests, with normal quantiles.

    >>> round(_harder(1), 2), round(_harder(6), 2)
    (1.0, 1.24)
    """
    power = float(norm.ppf(POWER))
    corrected = float(norm.ppf(1 - LEVEL / (2 * max(tests, 1))))
    return (corrected + power) / (float(norm.ppf(1 - LEVEL / 2)) + power)


def _verdict(row: dict[str, object]) -> str:
    gap, p = float(str(row["gap"])), float(str(row["p_adjusted"]))
    counted = row["kind"] == "support"  # a full count: nothing was drawn
    if np.isnan(gap) or (np.isnan(p) and not counted):
        return UNKNOWN
    if counted:
        return COUNTED
    if p >= LEVEL:
        return NOT_CLEAR
    higher = row["first"] if gap > 0 else row["second"]
    return OPPOSITE if row["expected"] in (row["first"], row["second"]) and (
        row["expected"] != higher
    ) else CLEAR  # fmt: skip


def _answer(
    study: Study,
    question: Question,
    first: str,
    second: str,
    matrix: pd.DataFrame | None,
    prevalence: pd.DataFrame | None,
    regions: pd.DataFrame | None,
) -> dict[str, object]:
    """Return the numbers that answer a question."""
    if question.support is not None:
        return _of_support(study, question, first, second, regions)
    if question.code is not None:
        return _of_code(question.code, first, second, prevalence)
    if matrix is None or not {first, second} <= set(matrix["city"]):
        return _nothing(NOTE_NO_DATA)
    if question.perception is not None:
        sector, target = question.perception.rater, question.perception.rated
    else:
        assert question.items is not None
        sector, target = question.items.sector, ASKED
    table = perception_differences(matrix, first, [second], "none")
    own = table[(table["rater"] == sector) & (table["rated"] == target)]
    if own.empty:
        return _nothing(NOTE_NO_DATA)
    row = own.iloc[0]
    if not row["n_first"] or not row["n_second"]:
        return _nothing(NOTE_HIDDEN)
    return {
        "value_first": row["estimate_first"],
        "value_second": row["estimate_second"],
        **{name: row[name] for name in _COLUMNS[2:]},
    }


def _nothing(note: str) -> dict[str, object]:
    return {**dict.fromkeys(_COLUMNS[:-3], np.nan), "n_first": 0, "n_second": 0, "note": note}


def _of_support(
    study: Study, question: Question, first: str, second: str, regions: pd.DataFrame | None
) -> dict[str, object]:
    home_regions = [regions_of(study, [city]) for city in (first, second)]
    if regions is None or regions.empty or not all(home_regions) or question.support is None:
        return _nothing(NOTE_NO_DATA)
    asked = question.support
    own = regions[(regions["level"] == asked.level) & (regions["scope"] == asked.scope)]
    wide = own.pivot(index="year", columns="region", values="per_resident")
    pair = wide.reindex(columns=[names[0] for names in home_regions])
    if pair.shape[1] < 2 or pair.columns.has_duplicates or pair.iloc[-1].isna().any():
        return _nothing(NOTE_NO_DATA)
    gaps = pair.iloc[:, 0] - pair.iloc[:, 1]
    turned = gaps.index[np.sign(gaps) == -np.sign(gaps.iloc[-1])]
    return {
        **_nothing(""),
        "value_first": float(pair.iloc[-1, 0]),
        "value_second": float(pair.iloc[-1, 1]),
        "gap": float(gaps.iloc[-1]),
        "n_first": np.nan,
        "n_second": np.nan,
        "year": int(gaps.index[-1]),
        "reversed_in": ", ".join(str(int(year)) for year in turned if gaps.iloc[-1] != 0),
    }


def _of_code(
    code: str, first: str, second: str, prevalence: pd.DataFrame | None
) -> dict[str, object]:
    if prevalence is None or not {first, second} <= set(prevalence.get("city", [])):
        return _nothing(NOTE_NO_DATA)
    row = compare_prevalence(prevalence[prevalence["code"] == code], first, second).iloc[0]
    n_first, n_second = int(row["n_first"]), int(row["n_second"])
    shares = row["named_first"] / n_first, row["named_second"] / n_second
    pooled = (row["named_first"] + row["named_second"]) / (n_first + n_second)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_first + 1 / n_second))
    return {
        "value_first": shares[0],
        "value_second": shares[1],
        "gap": row["gap"],
        "ci_low": row["ci_low"],
        "ci_high": row["ci_high"],
        # where all or none name it there is no test, and no difference either
        "p": 1.0 if np.isnan(row["p"]) else row["p"],
        "detectable": (norm.ppf(0.975) + norm.ppf(POWER)) * error if error else np.nan,
        "n_first": n_first,
        "n_second": n_second,
        "note": "",
    }
