"""The words themselves: keyword in context, and how often words stand, by their dictionary form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cssp.interviews.disagreements import context
from cssp.interviews.morphology import LEMMATISED, analyzer_words
from cssp.interviews.pseudonyms import pseudonymise
from cssp.interviews.turns import RESPONDENT, turn_places
from cssp.interviews.units import QUESTION, places_of_answers
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError

#: Parts of speech that say nothing by themselves (tags of OpenCorpora).
_EMPTY = ("PREP", "CONJ", "PRCL", "NPRO", "INTJ", "PRED", "NUMR", "Apro", "Anum")


def word_table(
    interviews: pd.DataFrame,
    language: str = "ru",
    answers_only: bool = True,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Return every word of the interviews with its dictionary form.

    Parameters
    ----------
    interviews : `[city], interview, text`
    language : Russian and Ukrainian words get their dictionary form by pymorphy3 (the likeliest
        reading, without looking at the sentence);
        others stay as they are written, in lower case, so that each form is another word
    answers_only : leave out the interviewer's questions
    question : how a question's line begins

    Returns
    -------
    One row a word: `city, interview, start, end, word, lemma, speech` (part of speech by pymorphy3,
    else empty).
    """
    from razdel import tokenize  # only here: it and the dictionary take a second to load

    read = _reader(language)
    rows = []
    for known in _texts(interviews).to_dict("records"):
        city, interview, text = known["city"], known["interview"], known["text"]
        if not isinstance(text, str):
            continue
        spans = _said(known, question) if answers_only else [[0, len(text)]]
        for start, end in spans:
            for token in tokenize(text[start:end]):
                if any(letter.isalnum() for letter in token.text):
                    rows.append(
                        (
                            city,
                            interview,
                            int(start + token.start),
                            int(start + token.stop),
                            token.text,
                            *read(token.text.casefold()),
                        )
                    )
    return pd.DataFrame(
        rows, columns=["city", "interview", "start", "end", "word", "lemma", "speech"]
    )


def _texts(interviews: pd.DataFrame) -> pd.DataFrame:
    if absent := [name for name in ("interview", "text") if name not in interviews]:
        raise ScoringError(f"The table of interviews has no column '{absent[0]}'.")
    known = interviews if "city" in interviews else interviews.assign(city="")
    return known[["city", "interview", "text", *(["speakers"] if "speakers" in known else [])]]


def _said(interview: Mapping[Any, Any], question: tuple[str, ...]) -> Iterable[Iterable[int]]:
    """Return where respondents speak, without the labels between them."""
    speakers = interview.get("speakers")
    turns = turn_places(interview["text"], speakers) if isinstance(speakers, Mapping) else []
    if turns and speakers:
        return [turn[1:] for turn in turns if speakers[turn[0]] == RESPONDENT]
    return np.asarray(places_of_answers(interview, question))


def _reader(language: str) -> Callable[[str], tuple[str, str]]:
    """Return the function that gives a word's dictionary form and part of speech."""
    if language not in LEMMATISED:
        return lambda word: (word, "")
    analyzer = analyzer_words(language)
    known: dict[str, tuple[str, str]] = {}

    def read(word: str) -> tuple[str, str]:
        if word not in known:
            best = analyzer.parse(word)[0]
            empty = next((name for name in ("Apro", "Anum") if name in best.tag), "")
            known[word] = (best.normal_form.replace("ё", "е"), empty or str(best.tag.POS or ""))
        return known[word]

    return read


@returns("city", "interview", "start", "before", Column("keyword", "word", "text"), "after")
def keyword_in_context(
    interviews: pd.DataFrame,
    query: str,
    language: str = "ru",
    around: int = 60,
    pseudonyms: dict[str, str] | None = None,
    answers_only: bool = True,
) -> pd.DataFrame:
    """Find a word or phrase with what stands around it.

    In all its forms where the language has a dictionary: 'грант' finds 'грантами'.

    Parameters
    ----------
    interviews, language, answers_only : as in `word_table`
    query : one word, or several that must follow one another
    around : characters to each side
    pseudonyms : name -> replacement, for what leaves the team

    Returns
    -------
    One row a place: `city, interview, start, before, keyword, after`.

    Raises
    ------
    ScoringError
        The query holds no word.

    Examples
    --------
    >>> from cssp import load_interviews, load_study
    >>> interviews = load_interviews(load_study())
    >>> keyword_in_context(interviews, "грант", around=20)["keyword"].head(2).tolist()
    ['грант', 'грант']
    """
    words = word_table(interviews, language, answers_only, QUESTION)
    read = _reader(language)
    from razdel import tokenize

    wanted = [
        read(token.text.casefold())[0]
        for token in tokenize(query)
        if any(letter.isalnum() for letter in token.text)
    ]
    if not wanted:
        raise ScoringError("The query holds no word.")
    hit = words["lemma"] == wanted[0]
    same = words["interview"] + "\x00" + words["city"]
    for step, lemma in enumerate(wanted[1:], start=1):
        hit &= (words["lemma"].shift(-step) == lemma) & (same.shift(-step) == same)
    texts = _texts(interviews).set_index(["city", "interview"])["text"]
    rows = []
    for place in words.index[hit]:
        row, last = words.loc[place], words.loc[place + len(wanted) - 1]
        around_it = context(
            texts[(row["city"], row["interview"])], int(row["start"]), int(last["end"]), around
        )
        before, keyword, after = (
            pseudonymise(" ".join(part.split()), pseudonyms or {}) for part in around_it
        )
        rows.append((row["city"], row["interview"], row["start"], before, keyword, after))
    return pd.DataFrame(rows, columns=["city", "interview", "start", "before", "keyword", "after"])


@returns("city", Column("lemma", "word", "text"), "count", "interviews", "n_interviews")
def word_frequencies(
    interviews: pd.DataFrame,
    language: str = "ru",
    by: str | None = None,
    leave_out: Iterable[str] = (),
    speech: Iterable[str] | None = None,
    answers_only: bool = True,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Count words by their dictionary form, and in how many interviews each stands.

    Prepositions, conjunctions, particles, pronouns and numerals are left out where the language has
    a dictionary (Russian, Ukrainian); else name
    what is to be left out. One person who repeats a
    word makes it frequent, so `interviews` is the number to compare.

    Parameters
    ----------
    interviews, language, answers_only, question : as in `word_table`
    by : a column of `interviews` to count by, e.g. "city"
    leave_out : further words, in any form
    speech : only these parts of speech by pymorphy3, e.g. ("NOUN",); left out: all that say
        something

    Returns
    -------
    One row a word (and group): `[by], lemma, count, interviews, n_interviews` (with a word at all),
    the most interviews first.

    Examples
    --------
    >>> from cssp import load_interviews, load_study
    >>> interviews = load_interviews(load_study())
    >>> word_frequencies(interviews)[["lemma", "interviews"]].head(2)
         lemma  interviews
    0      год          26
    1  человек          25
    """
    words = word_table(interviews, language, answers_only, question)
    read = _reader(language)
    left = {read(word.casefold())[0] for word in leave_out}
    wanted = ~words["speech"].isin(_EMPTY) if speech is None else words["speech"].isin(list(speech))
    words = words[wanted & ~words["lemma"].isin(left)]
    keys = ["city", "interview"]
    if by is not None and by not in words:
        texts = interviews if "city" in interviews else interviews.assign(city="")
        if by not in texts:
            raise ScoringError(f"The interviews have no attribute '{by}'.")
        words = words.merge(texts[[*keys, by]], on=keys)
    group = [] if by is None else [by]
    words = words.assign(key=words["city"] + "\x00" + words["interview"])
    table = (
        words.groupby([*group, "lemma"], sort=False)
        .agg(count=("word", "size"), interviews=("key", "nunique"))
        .reset_index()
    )
    if by is None:
        table["n_interviews"] = words["key"].nunique()
    else:
        table["n_interviews"] = table[by].map(words.groupby(by)["key"].nunique())
    return table.sort_values(
        [*group, "interviews", "count", "lemma"],
        ascending=[True] * len(group) + [False, False, True],
        ignore_index=True,
    )
