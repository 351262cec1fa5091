"""Who gave which code to what in a REFI-QDA document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cssp.interviews.exchange.project import TABLES, TEXT, UNNAMED
from cssp.interviews.exchange.project_reading import Reading
from cssp.interviews.exchange.refi_schema import SOURCES, local


def read_codings(
    reading: Reading, users: pd.DataFrame, codes: pd.DataFrame, sources: pd.DataFrame
) -> pd.DataFrame:
    """Read who gave which code to what.

    A place that is none, an unknown code and an unknown user are reported.
    """
    coders = dict(zip(users["guid"], users["coder"], strict=True))
    labels = dict(zip(codes["guid"], codes["code"], strict=True))
    interviews = dict(zip(sources["guid"], sources["interview"], strict=True))
    coding_tag, ref_tag, text_tag = (
        reading.tag("Coding"),
        reading.tag("CodeRef"),
        reading.tag("PlainTextSelection"),
    )
    flat: list[Any] = []  # row after row; tables are cut from it column by column
    selections: list[str | None] = []
    keep = flat.extend

    def code_of(element: Any) -> tuple[str | None, str | None]:
        ref = element.find(ref_tag)
        code = None if ref is None else ref.get("targetGUID")
        if code not in labels:
            reading.report(
                f"A coding refers to an unknown code ({code}) in '{name}'.",
                "Export the project once more, with its code system.",
                element,
            )
        return code, labels.get(code)

    for source in reading.part("Sources"):
        kind = SOURCES.get(local(source))
        if kind is None:
            continue
        guid = source.get("guid", "")
        name = interviews[guid]
        # a project has hundreds of thousands of these: no call that is not needed
        for child in source if kind == TEXT else ():
            get = child.get
            first = get("startPosition")
            if first is None and child.tag != text_tag:
                continue
            selection, words = get("guid"), get("name")
            selections.append(selection)
            try:
                start, end = int(first or ""), int(get("endPosition", ""))
            except ValueError:
                reading.report(
                    f"A selection's place is no whole number ('{first}'-'{get('endPosition')}').",
                    "Export the project once more.",
                    child,
                )
                continue
            for element in child:
                of_coding = element.get
                own = of_coding("guid")
                if own is None and element.tag != coding_tag:
                    continue
                code = element[0].get("targetGUID") if len(element) else None
                label = labels.get(code)
                if label is None:  # a note may stand before the code
                    code, label = code_of(element)
                    if label is None:
                        continue
                who = of_coding("creatingUser") or get("creatingUser") or ""
                when = of_coding("creationDateTime") or get("creationDateTime")
                keep(
                    (
                        own,
                        selection,
                        guid,
                        name,
                        kind,
                        code,
                        label,
                        coders.get(who) or who or UNNAMED,
                        start,
                        end,
                        words,
                        when,
                    )
                )
        for element in source.iterchildren(coding_tag) if kind == TEXT else source.iter(coding_tag):
            code, label = code_of(element)
            parent = element.getparent()
            whole = parent is source
            who = element.get("creatingUser") or parent.get("creatingUser") or ""
            if label is not None:
                keep(
                    (
                        element.get("guid"),
                        None if whole else parent.get("guid"),
                        guid,
                        name,
                        kind,
                        code,
                        label,
                        coders.get(who, who or UNNAMED),
                        None,
                        None,
                        None if whole else parent.get("name"),
                        element.get("creationDateTime") or parent.get("creationDateTime"),
                    )
                )
    width = len(TABLES["codings"])
    columns = [flat[at::width] for at in range(width)]
    reading.alone("PlainTextSelection", selections)
    reading.alone("Coding", columns[0])
    column_of = dict(zip(TABLES["codings"], columns, strict=True))
    # plain objects: the same few names over and over need no copy of their own
    table = pd.DataFrame(
        {name: _objects(values) for name, values in column_of.items()}, dtype=object
    )
    placed = np.array([value is not None for value in column_of["start"]], dtype=bool)
    for column in ("start", "end"):
        numbers = np.array([value or 0 for value in column_of[column]], dtype="int64")
        table[column] = pd.arrays.IntegerArray(numbers, ~placed)
    unknown = table[~table["coder"].isin([*coders.values(), UNNAMED])]
    if len(unknown):
        reading.report(
            f"{len(unknown)} codings are of users that the project does not list; their GUIDs "
            "stand as coders.",
            "Rename them after reading.",
            severity="warning",
        )
    if (table["coder"] == UNNAMED).any() and UNNAMED not in coders.values():
        reading.report(
            f"{int((table['coder'] == UNNAMED).sum())} codings name no user; their coder is "
            f"'{UNNAMED}'.",
            "If several people coded, agreement between them cannot be told.",
            severity="warning",
        )
    return table


def _objects(values: Sequence[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
