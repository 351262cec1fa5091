"""LimeSurvey: headings of the form `code. question`, options as `code[SQ001]`."""

import re

from cssp.tables.service import Heading, Rows, Service, first_row, folded, plain_text

#: `code. question`, `code[SQ001]. question [part]`, and the same with `._.` between.
_CODED = re.compile(r"^(?P<code>[A-Za-z]\w*(?:\[\w+\])*)(?:\._\.|\.\s+)(?P<text>.*)$", re.DOTALL)
_MARKS = {
    "lastpage",
    "startlanguage",
    "submitdate",
    "last page",
    "start language",
    "date submitted",
}


def _recognise(rows: Rows) -> str:
    head = [folded(cell) for cell in rows[0]]
    coded = sum(bool(_CODED.match(str(cell).strip())) for cell in rows[0] if cell)
    if coded >= 2 and coded >= 0.5 * sum(bool(cell) for cell in head):
        return "headings of the form 'code. question'"
    return (
        "the columns submitdate, lastpage and startlanguage" if len(_MARKS & set(head)) >= 2 else ""
    )


def _heading(rows: Rows) -> Heading:
    names, long = [], {}
    for cell in first_row(rows):
        match = _CODED.match(cell)
        name = match["code"] if match else plain_text(cell)
        names.append(name)
        if match and plain_text(match["text"]):
            long[name] = plain_text(match["text"])
    return Heading(names, long)


def _questions(names: list[str]) -> list[str]:
    """Leave out the timings, which stand beside the questions: `Q1Time` beside `Q1`."""
    return [name for name in names if not (name.endswith("Time") and name[:-4] in names)]


def _option_code(column: str) -> str:
    code = re.search(r"\[(\w+)\]$", column)
    return code[1] if code else ""


LIMESURVEY = Service(
    name="limesurvey",
    label={"en": "a LimeSurvey export", "ru": "выгрузка LimeSurvey"},
    recognise=_recognise,
    tried=40,
    heading=_heading,
    metadata=frozenset(_MARKS)
    | {
        "response id",
        "seed",
        "date started",
        "date last action",
        "ip address",
        "referrer url",
        "total time",
        "datestamp",
        "startdate",
        "ipaddr",
        "refurl",
        "interviewtime",
        "grouptime",
        "id",
        "token",
    },
    questions=_questions,
    option_code=_option_code,
)
