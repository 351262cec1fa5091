"""KoboToolbox: paths of groups as headings.

A column of joined options, and one for each option beside it.
"""

import re
from collections.abc import Sequence

from cssp.tables.service import Heading, Rows, Service, first_row, folded

_MARKS = frozenset(
    {
        "_uuid",
        "_submission_time",
        "_submitted_by",
        "_validation_status",
        "meta/instanceid",
        "formhub/uuid",
        "__version__",
        "deviceid",
    }
)


def _recognise(rows: Rows) -> str:
    head = [folded(cell) for cell in rows[0]]
    marks = _MARKS & {
        cell if cell.startswith(("meta/", "formhub/")) else cell.rsplit("/", 1)[-1] for cell in head
    }
    if len(marks) >= 2:
        return f"the columns {' and '.join(sorted(marks)[:2])}"
    names = [name for name in first_row(rows) if name]
    for name in names:
        own = _options_of(name, names)
        # a file without the columns about its sending: a question, then each of its options
        if len(own) >= 2 and not re.search(r"\s/|/\s", "".join(own)):
            return f"the column {name} followed by {own[0]} and {own[1]}"
    return ""


def _heading(rows: Rows) -> Heading:
    """Take the groups off the paths.

    `group/item` is the item, `group/item/option` an option of a column `group/item`.
    """
    names = first_row(rows)
    known, long = set(names), {}
    for name in names:
        parent, slash, leaf = name.rpartition("/")
        if slash:
            long[name] = f"{parent.rsplit('/', 1)[-1]}/{leaf}" if parent in known else leaf
    return Heading(names, long)


def _options_of(name: str, names: Sequence[str]) -> list[str]:
    return [other for other in names if other.startswith(f"{name}/")]


KOBO = Service(
    name="kobo",
    label={"en": "a KoboToolbox export", "ru": "выгрузка KoboToolbox"},
    recognise=_recognise,
    tried=30,
    heading=_heading,
    metadata=_MARKS
    | {
        "start",
        "end",
        "_id",
        "_index",
        "_notes",
        "_status",
        "_tags",
        "today",
        "username",
        "phonenumber",
    },
    options_of=_options_of,
    separators=(" ",),
)
