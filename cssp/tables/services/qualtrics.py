"""Qualtrics: codes, questions and import identifiers in two or three rows of headings."""

from cssp.tables.service import Heading, Rows, Service, first_row, folded, plain_text

_MARKS = frozenset(
    {
        "startdate",
        "enddate",
        "responseid",
        "recordeddate",
        "distributionchannel",
        "userlanguage",
        "duration (in seconds)",
        "ipaddress",
    }
)


def _has_import_ids(rows: Rows) -> bool:
    return len(rows) > 2 and any("importid" in str(cell or "").casefold() for cell in rows[2])


def _recognise(rows: Rows) -> str:
    head = {folded(cell) for cell in rows[0]}
    second = {folded(cell) for cell in rows[1]} if len(rows) > 1 else set()
    if _has_import_ids(rows) or (len(_MARKS & head) >= 2 and "response id" in second):
        return "the columns ResponseId, StartDate and the row of questions below them"
    return ""


def _heading(rows: Rows) -> Heading:
    names = first_row(rows)
    if len(rows) < 2:
        return Heading(names)
    long = {
        name: plain_text(cell) for name, cell in zip(names, rows[1], strict=False) if name and cell
    }
    return Heading(names, long, 3 if _has_import_ids(rows) else 2)


QUALTRICS = Service(
    name="qualtrics",
    label={"en": "a Qualtrics export", "ru": "выгрузка Qualtrics"},
    recognise=_recognise,
    tried=10,
    heading=_heading,
    metadata=_MARKS
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
)
