"""What coders are compared on.

Interviews, answers, sentences or characters, and which coder marked which of them with which code.

A unit is a span of a text. Characters are never laid out one by one: between two neighbouring ends
of segments all characters are marked
alike, so such a run is one row with its length as its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from cssp.interviews.coding import below, prepared
from cssp.interviews.turns import answers_of, turn_places
from cssp.stats.columns import returns
from cssp.study.city_file import QUESTIONS
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest

By = Literal["interview", "answer", "sentence", "character"]
BY: tuple[By, ...] = ("interview", "answer", "sentence", "character")

#: A question's line begins with one of these, unless the caller says otherwise.
QUESTION = QUESTIONS
_RUSSIAN = ("ru", "uk", "be", "bg")


@returns("city", "interview", "unit", "start", "end", "size")
def units(
    segments: pd.DataFrame,
    texts: pd.DataFrame,
    by: By = "interview",
    language: str = "ru",
    answers: pd.DataFrame | None = None,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Return the units on which coders are compared.

    The choice has consequences. By `interview` the question is whether coders would report the same
    prevalence; by `answer` and `sentence`
    whether they find a code in the same places; by `character` whether they mark the same words.
    The finer the unit, the more
    of the text is marked by nobody, and the more agreement there is about nothing.

    Parameters
    ----------
    segments : `[city], interview, coder, code, start, end`; only its ends are used, and only by
        character
    texts : `[city], interview, text`
    by : "interview", "answer", "sentence" or "character"
    language : of the texts; Russian and its neighbours are cut into sentences by razdel, others by
        pysbd
    answers : `[city], interview, start, end` of each answer (such as the respondents' rows of
        `turns`); left out: what stands between the interviewer's turns where `texts` has a column
        `speakers`, else between lines that begin with a question's mark, or each paragraph where a
        text has no such line
    question : how a question's line begins

    Returns
    -------
    One row a unit, in the order of the texts: `city, interview, unit` (1, 2, ... in the interview),
    `start, end` (code points), `size` (characters
    by character, else 1). By character, a unit is a run of characters that all coders marked alike.

    Raises
    ------
    ScoringError
        An unknown unit, a language that cannot be cut into sentences, or a text that is missing.

    Examples
    --------
    >>> texts = pd.DataFrame({"interview": ["a"], "text": ["Нет денег. И людей тоже нет."]})
    >>> units(pd.DataFrame(columns=["interview", "coder", "code", "start", "end"]), texts,
    ...     by="sentence")[["start", "end"]].values.tolist()
    [[0, 10], [11, 28]]
    """
    if by not in BY:
        raise ScoringError(f"'{by}' is not a unit of agreement. {nearest(str(by), BY)}")
    if by == "character":
        segments, keyed = prepared(segments, texts)
    else:
        keyed = prepared(
            segments[:0].reindex(columns=["city", "interview", "coder", "code", "start", "end"]),
            texts,
        )[1]
    missing = keyed.loc[~keyed["text"].map(lambda text: isinstance(text, str)), "interview"]
    if len(missing) and by != "interview":
        raise ScoringError(
            f"The text of '{missing.iloc[0]}' is missing, so it has no units by {by}. Compare by "
            "interview, or add the text."
        )
    if by == "interview":
        spans = [
            np.array([[0, len(text) if isinstance(text, str) else 0]]) for text in keyed["text"]
        ]
    elif by == "sentence":
        cut = _sentences(language)
        spans = [cut(text) for text in keyed["text"]]
    elif by == "answer":
        spans = _answers(keyed, answers, question)
    else:
        spans = _runs(segments, keyed)
    counts = [len(span) for span in spans]
    places = (
        np.concatenate([span.reshape(-1, 2) for span in spans])
        if spans
        else np.empty((0, 2), dtype=int)
    )
    table = pd.DataFrame(
        {
            "city": np.repeat(keyed["city"].to_numpy(), counts),
            "interview": np.repeat(keyed["interview"].to_numpy(), counts),
            "unit": np.concatenate([np.arange(1, count + 1) for count in counts])
            if counts
            else np.empty(0, dtype=int),
            "start": places[:, 0].astype("int64"),
            "end": places[:, 1].astype("int64"),
        }
    )
    table["size"] = table["end"] - table["start"] if by == "character" else 1
    return table


def _sentences(language: str):  # type: ignore[no-untyped-def]
    """Return the function that cuts a text of the language into sentences' places."""
    if language in _RUSSIAN:
        from razdel import sentenize  # only here: the other units need no such library

        return lambda text: np.array(
            [(s.start, s.stop) for s in sentenize(text)], dtype=int
        ).reshape(-1, 2)
    import pysbd

    try:
        segmenter = pysbd.Segmenter(language=language, clean=False)
    except ValueError as error:
        raise ScoringError(
            f"Texts in '{language}' cannot be cut into sentences here. Compare by answer, "
            "interview or character."
        ) from error

    def cut(text: str) -> np.ndarray:
        spans, place = [], 0
        for sentence in segmenter.segment(text):  # its own places go wrong where a sentence repeats
            stripped = sentence.strip()
            start = text.find(stripped, place) if stripped else -1
            if start >= 0:
                spans.append((start, start + len(stripped)))
                place = start + len(stripped)
        return np.array(spans, dtype=int).reshape(-1, 2)

    return cut


def _answers(
    texts: pd.DataFrame, answers: pd.DataFrame | None, question: tuple[str, ...]
) -> list[np.ndarray]:
    if answers is None:
        return [places_of_answers(row, question) for row in texts.to_dict("records")]
    places = (
        answers
        if "city" in answers
        else answers.merge(texts[["city", "interview"]], on="interview", how="left")
    )
    places = places.sort_values(["city", "interview", "start"], kind="stable")
    by_interview = {
        key: part[["start", "end"]].to_numpy(dtype=int)
        for key, part in places.groupby(["city", "interview"])
    }
    for (_, interview), span in by_interview.items():
        if (span[1:, 0] < span[:-1, 1]).any() or (span[:, 1] <= span[:, 0]).any():
            raise ScoringError(f"Answers of '{interview}' overlap, or end before they start.")
    nothing = np.empty((0, 2), dtype=int)
    return [
        by_interview.get(key, nothing)
        for key in zip(texts["city"], texts["interview"], strict=True)
    ]


def places_of_answers(interview: Mapping[Any, Any], question: tuple[str, ...]) -> np.ndarray:
    """Return where an interview's answers lie, by its speakers where they are known.

    A text in which none of them speaks has no questions: each paragraph is an answer.

    Parameters
    ----------
    interview : `text`, and `speakers` where they are known
    question : how a question's line begins, where they are not
    """
    text, speakers = interview["text"], interview.get("speakers")
    if not isinstance(speakers, Mapping) or not speakers:
        return answer_places(text, question)
    if not turn_places(text, speakers):
        return answer_places(text, ("\x00",))
    return np.array(answers_of(text, speakers), dtype=int).reshape(-1, 2)


def answer_places(text: str, question: tuple[str, ...] = QUESTION) -> np.ndarray:
    """Return where the answers of a text lie.

    Between questions, or paragraph by paragraph where it has none; without white space around.

    >>> answer_places("— Как дела?\\nХорошо.\\nПравда.\\n— А город?\\nРастёт.").tolist()
    [[12, 27], [39, 46]]
    """
    lines, place = [], 0
    for line in text.splitlines(keepends=True):
        lines.append((place, place + len(line), line.startswith(question)))
        place += len(line)
    first_question = next((number for number, line in enumerate(lines) if line[2]), None)
    asked = first_question is not None
    spans: list[list[int]] = []
    open_answer = False
    for start, end, is_question in lines[
        first_question:
    ]:  # what stands before the first question answers none
        bare = text[start:end].strip()
        if is_question or not bare:
            open_answer = open_answer and not is_question and asked
            continue
        first = start + text[start:end].index(bare)
        if open_answer and asked:
            spans[-1][1] = first + len(bare)
        else:
            spans.append([first, first + len(bare)])
        open_answer = True
    return np.array(spans, dtype=int).reshape(-1, 2)


def _runs(segments: pd.DataFrame, texts: pd.DataFrame) -> list[np.ndarray]:
    """Return each text's runs between neighbouring ends of segments."""
    ends = {
        key: part[["start", "end"]].to_numpy(dtype=int).ravel()
        for key, part in segments.groupby(["city", "interview"])
    }
    spans = []
    for city, interview, text in zip(texts["city"], texts["interview"], texts["text"], strict=True):
        cuts = np.unique(np.concatenate([[0, len(text)], ends.get((city, interview), [])])).astype(
            int
        )
        cuts = cuts[(cuts >= 0) & (cuts <= len(text))]
        spans.append(np.column_stack([cuts[:-1], cuts[1:]]))
    return spans


@dataclass(frozen=True)
class Judgements:
    """Who marked which unit with which code.

    Attributes
    ----------
    yes : units x coders x codes: marked with the code or one below it
    coded : units x coders: the coder coded the interview
    interview : for each unit the number of its interview
    size : of each unit
    units, coders, codes : what the axes stand for
    """

    yes: np.ndarray
    coded: np.ndarray
    interview: np.ndarray
    size: np.ndarray
    units: pd.DataFrame
    coders: list[str]
    codes: list[str]

    def of(self, kept: np.ndarray) -> Judgements:
        """Return the judgements of some units (a mask)."""
        return Judgements(
            self.yes[kept],
            self.coded[kept],
            self.interview[kept],
            self.size[kept],
            self.units[kept].reset_index(drop=True),
            self.coders,
            self.codes,
        )


def judgements(
    unit_table: pd.DataFrame,
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem | list[str],
    by: str,
) -> Judgements:
    """Lay segments over units.

    A coder marked a unit with a code when a segment of theirs shares a character with it.

    Parameters
    ----------
    unit_table : from `units`
    by : the unit, as given to `units`
    segments, interviews : tables from `load_segments` and `load_interviews`, or of a project
        (`coders` says who coded which interview;
        left out: everybody coded all)
    codes : the code system (a group is marked where a code below it is), or plain names
    """
    members = below(codes) if isinstance(codes, CodeSystem) else {name: [name] for name in codes}
    names = list(members)
    texts_known, known = prepared(
        segments, interviews, codes.names if isinstance(codes, CodeSystem) else None
    )
    keys = pd.MultiIndex.from_frame(unit_table[["city", "interview"]])
    order = keys.unique()
    number = order.get_indexer(keys)
    coders, coded_by = coders_of(known)
    coded = np.zeros((len(order), len(coders)), dtype=bool)
    for key, who in coded_by.items():
        if (row := order.get_indexer([key])[0]) >= 0:
            coded[row, [coders.index(coder) for coder in who]] = True
    yes = np.zeros((len(unit_table) + 1, len(coders), len(names)), dtype=np.int32)
    own = texts_known[texts_known["code"].isin(names) & texts_known["coder"].isin(coders)]
    row = order.get_indexer(pd.MultiIndex.from_frame(own[["city", "interview"]]))
    own, row = own[row >= 0], row[row >= 0]
    if len(own) and len(unit_table):
        # a place in all texts laid end to end; units of an interview stand together, in order
        width = int(max(unit_table["end"].max(), own["end"].max())) + 2
        first = number * width + unit_table["start"].to_numpy()
        last = number * width + unit_table["end"].to_numpy()
        start, end = row * width + own["start"].to_numpy(), row * width + own["end"].to_numpy()
        if by == "interview":
            low, high = (
                row,
                row + 1,
            )  # whole interviews: no text is needed to know where a segment lies
        else:
            low = np.searchsorted(last, start, side="right")
            high = np.searchsorted(first, end, side="left")
        hit = high > low
        column = pd.Index(names).get_indexer(own["code"])
        coder = pd.Index(coders).get_indexer(own["coder"])
        np.add.at(yes, (low[hit], coder[hit], column[hit]), 1)
        np.add.at(yes, (high[hit], coder[hit], column[hit]), -1)
        np.cumsum(yes, axis=0, out=yes)
    marked = yes[:-1] > 0
    if isinstance(codes, CodeSystem):
        position = {name: place for place, name in enumerate(names)}
        for name, found in members.items():
            if len(found) > 1:
                marked[:, :, position[name]] = marked[:, :, [position[one] for one in found]].any(
                    axis=2
                )
    # what somebody marked in an interview that they did not code says nothing
    marked &= coded[number][:, :, None]
    return Judgements(
        marked,
        coded[number],
        number,
        unit_table["size"].to_numpy(dtype=float),
        unit_table,
        coders,
        names,
    )


def coders_of(interviews: pd.DataFrame) -> tuple[list[str], dict[tuple[str, str], list[str]]]:
    """Return all coders, and who coded which interview.

    From a table that `prepared` has completed.
    """
    keys = zip(interviews["city"], interviews["interview"], strict=True)
    by_interview = {key: list(who) for key, who in zip(keys, interviews["coders"], strict=True)}
    return list(
        dict.fromkeys(coder for who in by_interview.values() for coder in who)
    ), by_interview
