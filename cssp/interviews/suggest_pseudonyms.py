"""What in the interviews may name a person.

Suggestions for the list of pseudonyms, each to be confirmed by a person.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cssp.interviews.disagreements import context
from cssp.interviews.morphology import LEMMATISED, analyzer_words
from cssp.interviews.words import word_table
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError
from cssp.study.write_files import write_bytes

COLUMNS = ["name", "kind", "count", "example", "replacement", "confirmed"]

#: Things that follow a pattern; the rest is found by dictionary.
_PATTERNS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "link": re.compile(r"(?:https?://|www\.)\S*\w"),
    "phone": re.compile(r"(?<!\d)(?:\+?\d[\s()-]{0,2}){6,14}\d(?!\d)"),
    "address": re.compile(
        r"\b(?:ул(?:ица|ице|ицы|\.)|просп(?:ект|\.)|пр-т|пер(?:еулок|\.)|наб(?:ережная|\.)|пл(?:ощадь|\.))\s+[А-ЯЁ][\w-]*(?:\s+[А-ЯЁ][\w-]*)?(?:,?\s*(?:д(?:ом|\.)\s*)?\d+\w?)?"
    ),
    "organisation": re.compile(r"[«\"][А-ЯЁA-Z][^»\".!?,\n]{1,40}[»\"]"),
}

#: Words with a capital inside a sentence: all that can be told of names without a dictionary.
_CAPITAL = re.compile(r"(?<=[a-zà-ÿ,;] )(?!I\b)[A-ZÀ-Þ][\w'-]+(?: [A-ZÀ-Þ][\w'-]+)*")

#: What the dictionary's tags say of a word.
_TAGS = {
    "Name": "person",
    "Surn": "person",
    "Patr": "person",
    "Geox": "place",
    "Orgn": "organisation",
}


@returns(
    Column("name", "name", "text"),
    "kind",
    "count",
    Column("example", "example", "text"),
    Column("replacement", "replacement", "text"),
    Column("confirmed", "confirmed", "text"),
)
def suggest_pseudonyms(
    interviews: pd.DataFrame,
    language: str = "ru",
    known: dict[str, str] | None = None,
    help_of: Literal["", "natasha"] = "",
) -> pd.DataFrame:
    """List what may name a person, an organisation, a place, an address or a phone.

    For a person to confirm.

    Nothing is replaced by this: the list is written to a file, a person writes "yes" beside what is
    to be replaced and adds what was missed, and
    `load_pseudonyms` takes the confirmed rows. No recogniser finds every name; read the texts.

    Parameters
    ----------
    interviews : `[city], interview, text`
    language : of the texts; names are found by dictionary for Russian and Ukrainian, elsewhere
        every word with a capital inside a sentence is suggested; phones and addresses
        by pattern
    known : what the list holds already: not suggested again
    help_of : "natasha" adds the names that its model finds (an extra to be installed)

    Returns
    -------
    One row a form: `name, kind` (person, place, organisation, address, phone, email, link), `count,
    example` (where it first stands), `replacement` (the same for
    all forms of one name), `confirmed` (empty).

    Examples
    --------
    >>> text = pd.DataFrame({"city": "a", "interview": ["i1"], "text": ["Я видел Ивана Петрова."]})
    >>> suggest_pseudonyms(text)["name"].tolist()
    ['Ивана', 'Петрова']
    """
    # by place (text, start), so that what two ways find in one place counts once
    found: dict[tuple[str, str], dict[tuple[int, int], str]] = {}
    lemma_of: dict[str, str] = {}
    texts = interviews["text"].tolist()
    for at, text in enumerate(texts):
        if not isinstance(text, str):
            continue
        for kind, pattern in _PATTERNS.items():
            for match in pattern.finditer(text):
                name = match.group().strip('«»"') if kind == "organisation" else match.group()
                start = match.start() + match.group().index(name)
                found.setdefault((name, kind), {})[at, start] = _around(text, *match.span())
        if help_of == "natasha":
            for name, kind, lemma, place in _natasha(text):
                found.setdefault((name, kind), {}).setdefault((at, place[0]), _around(text, *place))
                lemma_of[name] = lemma
    if language in LEMMATISED:
        analyzer = analyzer_words(language)
        words = word_table(
            interviews.assign(city="", interview=[str(n) for n in range(len(interviews))]),
            language,
            answers_only=False,
        )
        for row in words[words["word"].str[:1].str.isupper()].itertuples():
            at = int(row.interview)
            text = texts[at]
            # at the head of a sentence any word has a capital: there the likeliest reading must be
            # a name
            head = text[: row.start].rstrip(' \t«"—–-')[-1:] in ("", ".", "!", "?", "…", "\n", ":")
            readings = [
                reading
                for reading in analyzer.parse(row.word)
                if reading.score >= (0.5 if head else 0.2)
            ]
            sort_of_name = next(
                (
                    (kind, r.normal_form)
                    for r in readings
                    for tag, kind in _TAGS.items()
                    if tag in r.tag
                ),
                None,
            )
            if sort_of_name is not None:
                found.setdefault((row.word, sort_of_name[0]), {}).setdefault(
                    (at, row.start), _around(text, row.start, row.end)
                )
                lemma_of[row.word] = sort_of_name[1]
    else:
        for at, text in ((at, text) for at, text in enumerate(texts) if isinstance(text, str)):
            for match in _CAPITAL.finditer(text):
                found.setdefault((match.group(), "person"), {})[at, match.start()] = _around(
                    text, *match.span()
                )
    left = {name.casefold() for name in known or {}}
    numbers: dict[tuple[str, str], int] = {}
    rows = []
    for (name, kind), places in found.items():
        if name.casefold() in left:
            continue
        key = (kind, lemma_of.get(name, name).casefold())
        number = numbers.setdefault(key, sum(other == kind for other, _ in numbers) + 1)
        rows.append((name, kind, len(places), places[min(places)], f"[{kind} {number}]", ""))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(
        ["kind", "count", "name"], ascending=[True, False, True], kind="stable", ignore_index=True
    )


def _around(text: str, start: int, end: int) -> str:
    """Return a span with 40 characters of text either side, on one line."""
    return " ".join("".join(context(text, start, end, 40)).split())


@cache
def _natasha_models() -> tuple[Any, Any, Any, Any]:
    """Return natasha's segmenter, taggers of forms and of names, and vocabulary.

    Slow to load, so loaded once.

    Raises
    ------
    ScoringError
        natasha is not installed.
    """
    try:
        from natasha import MorphVocab, NewsEmbedding, NewsMorphTagger, NewsNERTagger, Segmenter
    except ImportError as error:
        raise ScoringError(
            "The help of natasha needs its extra: python -m pip install 'cssp[names]'."
        ) from error
    embedding = NewsEmbedding()
    return Segmenter(), NewsMorphTagger(embedding), NewsNERTagger(embedding), MorphVocab()


def _natasha(text: str) -> list[tuple[str, str, str, tuple[int, int]]]:
    """Return the names that natasha's model finds, with their kind, dictionary form and place."""
    segmenter, forms, names, vocabulary = _natasha_models()
    from natasha import Doc

    doc = Doc(text)
    doc.segment(segmenter)
    doc.tag_morph(forms)
    doc.tag_ner(names)
    kinds = {"PER": "person", "LOC": "place", "ORG": "organisation"}
    for span in doc.spans:
        span.normalize(vocabulary)
    return [
        (span.text, kinds.get(span.type, "person"), span.normal, (span.start, span.stop))
        for span in doc.spans
    ]


def write_suggestions(table: pd.DataFrame, path: str | Path) -> Path:
    """Write the suggestions as the city's file of pseudonyms.

    To be confirmed row by row (a spreadsheet opens it).

    Parameters
    ----------
    table : the suggestions, confirmed or not
    path : the file

    Examples
    --------
    >>> import tempfile
    >>> text = pd.DataFrame({"city": "a", "interview": ["i1"], "text": ["Я видел Ивана Петрова."]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = write_suggestions(suggest_pseudonyms(text), f'{folder}/names.csv').name
    >>> name
    'names.csv'
    """
    target = Path(path)
    write_bytes(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    return target
