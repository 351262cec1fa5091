"""SurveyMonkey: a question once, above the first of its options; the options in the second row."""

from cssp.tables.service import Heading, Rows, Service, first_row, folded, plain_text

#: What stands below a question that has one column.
_ALONE = ("", "response", "open-ended response", "ответ", "открытый ответ")


def _recognise(rows: Rows) -> str:
    head = {folded(cell) for cell in rows[0]}
    if {"respondent id", "respondentid"} & head and {"collector id", "collectorid"} & head:
        return "the columns Respondent ID and Collector ID"
    return ""


def _heading(rows: Rows) -> Heading:
    first = first_row(rows)
    if len(rows) < 2:
        return Heading(first)
    second = ["" if cell is None else plain_text(cell) for cell in rows[1]]
    names, question = [], ""
    for place, cell in enumerate(first):
        question = plain_text(cell) or question
        part = second[place] if place < len(second) else ""
        names.append(question if part.casefold() in _ALONE else f"{question} [{part}]")
    return Heading(names, {}, 2)


SURVEYMONKEY = Service(
    name="surveymonkey",
    label={"en": "a SurveyMonkey export", "ru": "выгрузка SurveyMonkey"},
    recognise=_recognise,
    tried=20,
    heading=_heading,
    metadata=frozenset(
        {
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
        }
    ),
)
