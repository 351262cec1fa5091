"""How survey services lay out their exports: which rows are headings, what a heading holds, and how to tell them apart."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

LayoutName = Literal["plain", "limesurvey", "google_forms", "kobo", "qualtrics", "surveymonkey"]
LAYOUTS: tuple[LayoutName, ...] = get_args(LayoutName)
TITLES = {
    "plain": "a plain table",
    "limesurvey": "a LimeSurvey export",
    "google_forms": "a Google Forms export",
    "kobo": "a KoboToolbox export",
    "qualtrics": "a Qualtrics export",
    "surveymonkey": "a SurveyMonkey export",
}

#: `code. question`, `code[SQ001]. question [part]`, and the same with `._.` between.
_LIME = re.compile(r"^(?P<code>[A-Za-z]\w*(?:\[\w+\])*)(?:\._\.|\.\s+)(?P<text>.*)$", re.DOTALL)
_KOBO = {
    "_uuid",
    "_submission_time",
    "_submitted_by",
    "_validation_status",
    "meta/instanceid",
    "formhub/uuid",
    "__version__",
    "deviceid",
}
_QUALTRICS = {
    "startdate",
    "enddate",
    "responseid",
    "recordeddate",
    "distributionchannel",
    "userlanguage",
    "duration (in seconds)",
    "ipaddress",
}
_LIME_META = {
    "response id",
    "date submitted",
    "last page",
    "start language",
    "seed",
    "date started",
    "date last action",
    "ip address",
    "referrer url",
    "total time",
    "submitdate",
    "lastpage",
    "startlanguage",
    "datestamp",
    "startdate",
    "ipaddr",
    "refurl",
    "interviewtime",
    "grouptime",
}
_STAMPS = {
    "timestamp",
    "отметка времени",
    "zeitstempel",
    "horodateur",
    "marca temporal",
    "čas",
    "sygnatura czasowa",
    "позначка часу",
}
#: Columns of a service that are no questions.
META = {
    "plain": set(),
    "google_forms": _STAMPS
    | {"email address", "адрес электронной почты", "username", "имя пользователя", "score", "баллы"},
    "kobo": _KOBO
    | {"start", "end", "_id", "_index", "_notes", "_status", "_tags", "today", "username", "phonenumber"},
    "qualtrics": _QUALTRICS
    | {
        "status",
        "progress",
        "finished",
        "recipientlastname",
        "recipientfirstname",
        "recipientemail",
        "externalreference",
        "externaldatareference",
        "locationlatitude",
        "locationlongitude",
    },
    "surveymonkey": {
        "start date",
        "end date",
        "respondent id",
        "respondentid",
        "collector id",
        "collectorid",
        "date created",
        "startdate",
        "date modified",
        "enddate",
        "ip address",
        "email address",
        "first name",
        "last name",
        "custom data",
        "custom data 1",
    },
    "limesurvey": _LIME_META | {"id", "token"},
}


@dataclass(frozen=True)
class Heading:
    """A table's headings read: short names, the long headings that go with them, and how many rows they took."""

    names: list[str]
    long: dict[str, str] = field(default_factory=dict)
    rows: int = 1


def plain_text(text: object) -> str:
    """Return a heading without the HTML that a form's editor left in it.

    >>> plain_text("<p>How&nbsp;<b>open</b> is the city?</p>")
    'How open is the city?'
    """
    bare = re.sub(r"<(?:script|style).*?</(?:script|style)>", " ", str(text), flags=re.DOTALL | re.IGNORECASE)
    bare = re.sub(r"</?[A-Za-z][^<>]*>", " ", bare)
    return " ".join(html.unescape(bare).replace("\ufeff", "").split())


def recognise(rows: Sequence[Sequence[Any]]) -> tuple[LayoutName, str]:
    """Tell which service's export the first rows of a table are, and by what it was told.

    Parameters
    ----------
    rows : the first rows as they stand, headings first (ten are enough)

    Examples
    --------
    >>> recognise([["StartDate", "EndDate", "ResponseId", "Q1"], ["Start Date", "End Date", "Response ID", "How?"]])[0]
    'qualtrics'
    """
    head = [_folded(cell) for cell in rows[0]]
    second = [_folded(cell) for cell in rows[1]] if len(rows) > 1 else []
    third = [str(cell or "") for cell in rows[2]] if len(rows) > 2 else []
    if any("importid" in cell.casefold() for cell in third) or (
        len(_QUALTRICS & set(head)) >= 2 and "response id" in second
    ):
        return "qualtrics", "the columns ResponseId, StartDate and the row of questions below them"
    if {"respondent id", "respondentid"} & set(head) and {"collector id", "collectorid"} & set(head):
        return "surveymonkey", "the columns Respondent ID and Collector ID"
    kobo = _KOBO & {
        cell.rsplit("/", 1)[-1] if not cell.startswith(("meta/", "formhub/")) else cell for cell in head
    }
    if len(kobo) >= 2:
        return "kobo", f"the columns {' and '.join(sorted(kobo)[:2])}"
    coded = sum(bool(_LIME.match(str(cell).strip())) for cell in rows[0] if cell)
    filled = sum(bool(cell) for cell in head)
    if coded >= 2 and coded >= 0.5 * filled:
        return "limesurvey", "headings of the form 'code. question'"
    if (
        len(
            {"lastpage", "startlanguage", "submitdate", "last page", "start language", "date submitted"}
            & set(head)
        )
        >= 2
    ):
        return "limesurvey", "the columns submitdate, lastpage and startlanguage"
    if head and head[0] in _STAMPS:
        return "google_forms", f"the first column '{rows[0][0]}'"
    if (
        len(rows) > 1
        and all(_is_stamp(row[0]) for row in rows[1:10] if len(row))
        and sum(len(str(cell or "").split()) > 2 for cell in rows[0]) >= 1
    ):
        return "google_forms", "a first column of times and questions for headings"
    return "plain", "nothing that marks a service's export"


def _folded(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).replace("\ufeff", "").split()).casefold()


def _is_stamp(cell: Any) -> bool:
    if cell is None or cell == "":
        return False
    if hasattr(cell, "hour"):
        return True
    return bool(re.match(r"^\s*(\d{1,4}[./-]\d{1,2}[./-]\d{1,4})[ T,]+\d{1,2}:\d{2}", str(cell)))


def read_heading(rows: Sequence[Sequence[Any]], layout: str) -> Heading:
    """Read the headings of a table in a service's layout.

    Parameters
    ----------
    rows : the first rows as they stand (at least as many as the layout has headings)
    layout : one of `LAYOUTS`

    Examples
    --------
    >>> read_heading([["Q1[SQ001]. Trust [police]"]], "limesurvey").names
    ['Q1[SQ001]']
    """
    first = ["" if cell is None else str(cell).replace("\ufeff", "").strip() for cell in rows[0]]
    if layout == "qualtrics" and len(rows) > 1:
        long = {name: plain_text(cell) for name, cell in zip(first, rows[1], strict=False) if name and cell}
        third = len(rows) > 2 and any("importid" in str(cell).casefold() for cell in rows[2])
        return Heading(first, long, 3 if third else 2)
    if layout == "surveymonkey" and len(rows) > 1:
        return _surveymonkey(first, ["" if cell is None else plain_text(cell) for cell in rows[1]])
    if layout == "limesurvey":
        names, long = [], {}
        for cell in first:
            match = _LIME.match(cell)
            name = match["code"] if match else plain_text(cell)
            names.append(name)
            if match and plain_text(match["text"]):
                long[name] = plain_text(match["text"])
        return Heading(names, long)
    if layout == "kobo":
        return Heading(first, _kobo(first))
    return Heading(first)


def _surveymonkey(first: list[str], second: list[str]) -> Heading:
    """Join the two heading rows: a question stands once, above the first of its options."""
    names, question = [], ""
    for place, cell in enumerate(first):
        question = plain_text(cell) or question
        part = second[place] if place < len(second) else ""
        alone = part.casefold() in ("", "response", "open-ended response", "ответ", "открытый ответ")
        names.append(question if alone else f"{question} [{part}]")
    return Heading(names, {}, 2)


def _kobo(names: list[str]) -> dict[str, str]:
    """Take the groups off KoboToolbox's paths: `group/item` is the item, `group/item/option` an option of a column `group/item`."""
    known, long = set(names), {}
    for name in names:
        parent, slash, leaf = name.rpartition("/")
        if slash:
            long[name] = f"{parent.rsplit('/', 1)[-1]}/{leaf}" if parent in known else leaf
    return long
