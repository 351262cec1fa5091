"""The study's lists of pseudonyms and its settings of texts, read and checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cssp.study.city_file import QUESTIONS
from cssp.study.problems import CsspError, DataError, Problem, short_path
from cssp.study.study import City, Study
from cssp.tables.read import read_table


def pseudonym_problems(city: City) -> list[Problem]:
    """Return what is wrong with a city's list of pseudonyms, as problems."""
    try:
        read_pseudonyms(city)
    except CsspError as error:
        return list(error.problems)
    return []


def text_settings(study: Study, cities: Iterable[str] | None = None) -> dict[str, Any]:
    """Return how the texts of some cities are cut into answers, sentences and words.

    `language`, and `question` (how a question's line begins).

    Parameters
    ----------
    study : the study

    Raises
    ------
    DataError
        The cities differ in it: they have to be cut one by one.

    Examples
    --------
    >>> from cssp import load_study
    >>> text_settings(load_study())["language"]
    'ru'
    """
    found = []
    for name in study.cities_with("interviews", cities):
        source = study.city(name).file.interviews
        if source is not None:
            found.append((name, {"language": source.language, "question": tuple(source.questions)}))
    for name, settings in found:
        if settings != found[0][1]:
            raise DataError(
                Problem(
                    short_path(study.city(name).folder / "city.yaml"),
                    "The interviews are in another language, or mark questions otherwise, than "
                    f"those of {found[0][0]}.",
                    "Compare these cities by interview only, or run each by itself.",
                    column="interviews",
                )
            )
    return found[0][1] if found else {"language": "ru", "question": QUESTIONS}


def load_pseudonyms(study: Study, cities: Iterable[str] | None = None) -> dict[str, str]:
    """Load what quotations must not show.

    `name -> replacement`, from the file `pseudonyms` of each city.

    Where the file has a column `confirmed` (as the list of `suggest_pseudonyms` has), only rows
    that say yes (or да, x, +) are taken.

    Parameters
    ----------
    study : the study
    cities : names of its cities; None: all that have data

    Raises
    ------
    DataError
        The file cannot be read or lacks the columns `name` and `replacement`.

    Examples
    --------
    >>> from cssp import load_study
    >>> type(load_pseudonyms(load_study()))
    <class 'dict'>
    """
    found: dict[str, str] = {}
    for name in study.cities_with("interviews", cities):
        found.update(read_pseudonyms(study.city(name)))
    return found


def read_pseudonyms(city: City) -> dict[str, str]:
    """Return a city's pseudonym for each name on its list."""
    source = city.file.interviews
    if source is None or source.pseudonyms is None:
        return {}
    raw = read_table(city.path(source.pseudonyms), source.format)
    names, replacements = raw.column("name"), raw.column("replacement")
    confirmed = raw.data["confirmed"] if "confirmed" in raw.data else ["yes"] * len(raw.data)
    by_name = {
        str(name or "").strip(): str(replacement or "").strip()
        for name, replacement, said in zip(names, replacements, confirmed, strict=True)
        if str(said or "").strip().casefold() in CONFIRMED
    }
    if empty := [name for name, replacement in by_name.items() if name and not replacement]:
        raise DataError(
            Problem(
                raw.file,
                f"The name '{empty[0]}' has no replacement.",
                "Fill it in.",
                column="replacement",
            )
        )
    return {name: replacement for name, replacement in by_name.items() if name}


#: What in the column `confirmed` means yes.
CONFIRMED = ("yes", "y", "да", "x", "+", "1", "true")
