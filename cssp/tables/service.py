"""What a survey service is to this package.

How its exports are recognised, and what their headings and columns mean.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cssp.study.problems import nearest
from cssp.study.registry import registry

#: The first rows of a table as they stand in the file.
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Heading:
    """A table's headings as read.

    Attributes
    ----------
    names : a short name for each column
    long : name -> long heading, where the file has one
    rows : how many rows of the file are headings
    """

    names: list[str]
    long: dict[str, str] = field(default_factory=dict)
    rows: int = 1


def first_row(rows: Rows) -> list[str]:
    """Return the first row as texts.

    >>> first_row([["Q1 ", None]])
    ['Q1', '']
    """
    return ["" if cell is None else str(cell).replace("\ufeff", "").strip() for cell in rows[0]]


def _no_service(rows: Rows) -> str:
    return ""


def _one_heading(rows: Rows) -> Heading:
    return Heading(first_row(rows))


def _all_columns(names: list[str]) -> list[str]:
    return names


def _no_options(name: str, names: Sequence[str]) -> list[str]:
    return []


def _no_code(column: str) -> str:
    return ""


@dataclass(frozen=True)
class Service:
    """A survey service.

    Attributes
    ----------
    name : as `layout` in city.yaml names it
    label : what its files are called, in every language
    recognise : first rows -> by what the service is recognised; empty where it is not
    tried : services are tried in this order; who is surest of its marks comes first
    heading : first rows -> `Heading`
    metadata : columns that are no questions, as `folded` writes them
    questions : names of all columns -> those that may be questions
    options_of : a column and all names -> the columns of its options, where the service writes both
    option_code : a column's name -> the service's own code of an option
    separators : signs that join the chosen options in one cell, beside the usual ones, tried first
    """

    name: str
    label: dict[str, str]
    recognise: Callable[[Rows], str] = _no_service
    tried: int = 50
    heading: Callable[[Rows], Heading] = _one_heading
    metadata: frozenset[str] = frozenset()
    questions: Callable[[list[str]], list[str]] = _all_columns
    options_of: Callable[[str, Sequence[str]], list[str]] = _no_options
    option_code: Callable[[str], str] = _no_code
    separators: tuple[str, ...] = ()


def services() -> dict[str, Service]:
    """Return the known services by name, in the order in which they are tried.

    >>> list(services())[0], "plain" in services()
    ('qualtrics', True)
    """
    found = registry("cssp.tables.services", Service)
    return dict(sorted(found.items(), key=lambda entry: entry[1].tried))


def service(name: str | None) -> Service:
    """Return a service by its name; None is a plain table.

    Raises
    ------
    ValueError
        There is no such service; the nearest name is told.
    """
    known = services()
    if (name or "plain") not in known:
        raise ValueError(f"'{name}' is not a layout. {nearest(str(name), known)}")
    return known[name or "plain"]


def recognise(rows: Rows) -> tuple[Service, str]:
    """Tell which service wrote a table, and by what it was recognised.

    Parameters
    ----------
    rows : the first rows as they stand, headings first (ten are enough)

    Examples
    --------
    >>> found, why = recognise([["StartDate", "ResponseId", "Q1"], ["Start Date", "Response ID",
    ...     "How?"]])
    >>> found.name
    'qualtrics'
    """
    for one in services().values():
        if why := one.recognise(rows):
            return one, why
    return service("plain"), "nothing that marks a service's export"


def read_heading(rows: Rows, layout: str) -> Heading:
    """Read the headings of a table in a service's layout.

    Parameters
    ----------
    rows : the first rows as they stand (at least as many as the layout has headings)
    layout : name of a service

    Examples
    --------
    >>> read_heading([["Q1[SQ001]. Trust [police]"]], "limesurvey").names
    ['Q1[SQ001]']
    """
    return service(layout).heading(rows)


def plain_text(text: object) -> str:
    """Return a heading without the HTML that a form's editor left in it.

    >>> plain_text("<p>How&nbsp;<b>open</b> is the city?</p>")
    'How open is the city?'
    """
    scripts = r"<(?:script|style).*?</(?:script|style)>"
    bare = re.sub(scripts, " ", str(text), flags=re.DOTALL | re.IGNORECASE)
    bare = re.sub(r"</?[A-Za-z][^<>]*>", " ", bare)
    return " ".join(html.unescape(bare).replace("\ufeff", "").split())


def folded(cell: Any) -> str:
    """Return a heading as headings are compared: no case, no double spaces.

    >>> folded("  Response  ID")
    'response id'
    """
    return "" if cell is None else " ".join(str(cell).replace("\ufeff", "").split()).casefold()
