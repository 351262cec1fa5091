"""Tables of coded segments, as MAXQDA, NVivo, QualCoder and Taguette export them.

And codes given to answers of a questionnaire.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from cssp.interviews.exchange.applied_codes import with_one_code_column
from cssp.interviews.exchange.excerpts import excerpts_text
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.places import CODE_POINTS, places_by_words
from cssp.interviews.exchange.project import UNNAMED, Project
from cssp.interviews.exchange.rows import warned_of_places, warned_of_sheets
from cssp.interviews.exchange.segment_headings import HEADINGS
from cssp.interviews.exchange.untrusted import refused
from cssp.study.problems import DataError, Problem, nearest
from cssp.study.sources import Format
from cssp.tables.raw import RawTable, to_number
from cssp.tables.read import read_table

#: QualCoder writes a column for each category above a code, all with one heading.
_REPEATS = ("Category", "Категория", "Kategorie")
_OWN = {"start": "start", "end": "end"}
_SEPARATORS = ("\\\\", "\\", "->", " > ", ">")


def read_segment_table(
    path: str | Path,
    texts: pd.DataFrame | None = None,
    headings: Mapping[str, str] | None = None,
    separator: str | None = None,
    coder: str = "",
    form: Format | None = None,
    unplaced: Literal["error", "leave out"] = "error",
) -> Project:
    """Read a table with a row a coded segment.

    CSV, XLSX or XLS of MAXQDA, NVivo, QualCoder or Taguette, or `interview, coder, code, start,
    end`.

    Headings in English, German and Russian are known (`HEADINGS`); others are declared. Where the
    table has no places but the words, they are
    looked for in `texts`; without texts each interview's text is the excerpts, one after another,
    so that only interviews, not finer
    units, can be compared.

    Parameters
    ----------
    path : the table
    texts : `interview, text`
    headings : what stands under which heading: `{"interview": "Документ", "code": "Код", ...}` for
        interview, code, coder, quotation, start, end, created
    separator : between a group and a code in a code's name; left out: one of `\\\\`, `->`, `>`
    coder : who coded, where the table does not say
    form : how the file is read, where sniffing is wrong
    unplaced : what to do with words that `texts` does not hold: an error, or leave the row out and
        say how many

    Returns
    -------
    the project

    Raises
    ------
    DataError
        A heading that is missing or stands for two columns, an empty cell, a place outside its
        text, words that are not found.

    Examples
    --------
    >>> import tempfile
    >>> texts = pd.DataFrame({"interview": ["i1"], "text": ["We have no money."]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / 'coded.csv'
    ...     _ = file.write_text('interview;code;segment\\ni1;money;no money\\n', encoding='utf-8')
    ...     project = read_segment_table(file, texts, coder='anna')
    >>> project.segments[["code", "start", "end"]]
        code  start  end
    0  money      8   16
    """
    raw = with_one_code_column(read_table(Path(path), form or Format(repeats=list(_REPEATS))))
    column_of = _columns(raw, headings or {})
    problems: list[Problem] = []
    lines, untold = [], 0
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        line = {role: text_of_cell(record[heading]) for role, heading in column_of.items()}
        if not any(line.values()):
            continue
        for role in ("interview",):
            if not line[role]:
                problems.append(
                    Problem(
                        raw.file, "The row names no interview.", "Fill it in.", row, column_of[role]
                    )
                )
        untold += not line["code"]
        # ATLAS.ti writes the codes of a quotation into one cell, a line each
        lines += [
            {**line, "code": code.strip(), "row": row}
            for code in line["code"].splitlines()
            if code.strip()  # a highlight without a tag has none
        ]
    if problems:
        raise DataError(problems)
    if not lines:
        raise refused(raw.file, "The table has no coded segment.", "Export it once more.")
    table = pd.DataFrame(lines)
    if "coder" not in table:
        table["coder"] = coder or UNNAMED
    table.loc[table["coder"] == "", "coder"] = coder or UNNAMED
    codes, table["code"] = hierarchy(table["code"], separator)
    left, unit = 0, CODE_POINTS
    strange: list[tuple[str, str]] = []
    placed = {"start", "end"} <= set(table.columns) and table[["start", "end"]].ne("").all(axis=1)
    if not isinstance(placed, bool) and placed.any():
        if not placed.all():
            row = int(table.loc[~placed, "row"].iloc[0])
            problem = "The row has no place, which others have."
            remedy = "Fill in the first and the last place, or empty both columns."
            raise DataError(Problem(raw.file, problem, remedy, row, column_of["start"]))
        table = _numbered(table, raw, column_of)
        known = _given_texts(table, texts, raw, column_of)
        table, unit, strange = _by_words(table, known)
    elif texts is not None and "quotation" in table:
        known = _given_texts(table, texts, raw, column_of)
        table, left, twice = _found(table, known, raw, column_of, unplaced)
    elif "quotation" in table:
        table, known = _excerpts(table)
    else:
        raise refused(
            raw.file,
            "The table has neither places nor the words that were coded.",
            "Export it with the text of the segments, or declare the headings.",
        )
    table["created"] = (
        [_moment(value) for value in table["created"]] if "created" in table else None
    )
    project = project_from_tables(
        Path(path).stem,
        codes,
        known,
        table[["interview", "coder", "code", "start", "end", "created"]],
        raw.file,
        "table of coded segments",
    )
    if texts is None and "quotation" in table and known["text"].notna().all():
        project = project.warned(
            "The texts are not at hand: each interview is made of its excerpts.",
            "Give the texts to compare by sentence or character.",
        )
        if "paragraph" not in table:
            project = project.warned(
                "The table says no places: the same words of an interview count as one passage.",
                "Export paragraphs or places, or give the texts.",
            )
    project = warned_of_places(project, 0, unit, strange)
    if untold:
        project = project.warned(
            f"{untold} rows name no code and were left out.",
            "Fill in the code of each row, if cells were merged.",
        )
    if left:
        project = project.warned(
            f"{left} of {left + len(table)} segments are not in their texts and were left out.",
            "Give the texts as they were when coded.",
        )
    if texts is not None and "quotation" in table and "start" not in column_of and twice:
        project = project.warned(
            f"The words of {twice} segments stand several times in their text; the first place was "
            "taken.",
            "Export places, if that matters.",
        )
    if (table["coder"] == UNNAMED).all():
        project = project.warned(
            "The table does not say who coded.", "Name the coder, or declare the heading."
        )
    return warned_of_sheets(project, Path(path), form)


def text_of_cell(value: object) -> str:
    """Return a cell as text; empty where it is missing."""
    return "" if value is None or value != value else str(value).strip()


def _columns(raw: RawTable, headings: Mapping[str, str]) -> dict[str, str]:
    """Return which column plays which role."""
    if strange := [role for role in headings if role not in HEADINGS]:
        raise refused(
            raw.file,
            f"'{strange[0]}' is not what a heading can stand for. {nearest(strange[0], HEADINGS)}",
            "Correct the declaration.",
        )
    names = {str(name).strip().casefold(): str(name) for name in raw.data.columns}
    found: dict[str, str] = {}
    for role, known in HEADINGS.items():
        if role in headings:
            if headings[role] not in raw.data:
                raise DataError(raw.no_column(headings[role]))
            found[role] = headings[role]
            continue
        hits = [names[name] for name in names if name in known or name == _OWN.get(role)]
        hits = [name for name in hits if name not in headings.values()]
        if "interview" in names and role in ("start", "end") and role in names:
            hits = [names[role]]
        elif (
            role in ("start", "end")
            and hits == [names.get(role)]
            and "start" in names
            and "end" not in names
        ):
            hits = []
        exact = [name for name in hits if name.strip().casefold() == known[0]]
        if len(hits) > 1 and not exact:
            raise refused(
                raw.file,
                f"The headings '{hits[0]}' and '{hits[1]}' could both be the {role}.",
                f"Say which: headings={{'{role}': '{hits[0]}'}}.",
            )
        if hits:
            found[role] = (exact or hits)[0]
    for role in ("interview", "code"):
        if role not in found:
            raise refused(
                raw.file,
                f"No heading says which column is the {role}.",
                f"Say which: headings={{'{role}': ...}}; the table has "
                f"{', '.join(map(str, raw.data.columns))}.",
            )
    return found


def hierarchy(codes: pd.Series, separator: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """Return the code system that paths of codes tell, and each row's code as its path."""
    used = separator
    if used is None:
        used = next(
            (one for one in _SEPARATORS if codes.str.contains(one, regex=False).any()), None
        )
    rows: dict[str, tuple[str, str, str]] = {}
    keys = []
    for path in codes:
        names = [part.strip() for part in path.split(used) if part.strip()] if used else [path]
        above = ""
        for name in names:
            key = f"{above}\x1f{name}" if above else name
            rows.setdefault(key, (key, above, name))
            above = key
        keys.append(above)
    return pd.DataFrame(list(rows.values()), columns=["code", "parent", "label"]), pd.Series(
        keys, index=codes.index
    )


def _numbered(table: pd.DataFrame, raw: RawTable, column_of: Mapping[str, str]) -> pd.DataFrame:
    problems = []
    for column in ("start", "end"):
        numbers = [to_number(value) for value in table[column]]
        for row, value, number in zip(table["row"], table[column], numbers, strict=True):
            if number is None or not number.is_integer():
                problems.append(
                    Problem(
                        raw.file,
                        f"'{value}' is not a place in the text.",
                        "Write a whole number.",
                        int(row),
                        column_of[column],
                        value,
                    )
                )
        table[column] = numbers
    if problems:
        raise DataError(problems)
    return table.astype({"start": "int64", "end": "int64"})


def _by_words(
    table: pd.DataFrame, known: pd.DataFrame
) -> tuple[pd.DataFrame, str, list[tuple[str, str]]]:
    """Compare places with the words beside them: in which unit were they counted?"""
    texts = dict(zip(known["interview"], known["text"], strict=True))
    told = [texts.get(name) for name in table["interview"]]
    if "quotation" not in table or not all(isinstance(text, str) for text in told):
        return table, CODE_POINTS, []
    (start, end), unit, strange = places_by_words(
        [str(text) for text in told], table["start"], table["end"], table["quotation"]
    )
    return table.assign(start=start, end=end), unit, strange


def _given_texts(
    table: pd.DataFrame, texts: pd.DataFrame | None, raw: RawTable, column_of: Mapping[str, str]
) -> pd.DataFrame:
    names = list(dict.fromkeys(table["interview"]))
    if texts is None:
        return pd.DataFrame({"interview": names, "text": [None] * len(names)})
    known = set(texts["interview"])
    problems = [
        Problem(
            raw.file,
            f"There is no text of the interview '{name}'. {nearest(name, known)}",
            "Correct the name, or add the text.",
            int(table.loc[table["interview"] == name, "row"].iloc[0]),
            column_of["interview"],
            name,
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise DataError(problems)
    return texts[["interview", "text"]].reset_index(drop=True)


def _found(
    table: pd.DataFrame,
    texts: pd.DataFrame,
    raw: RawTable,
    column_of: Mapping[str, str],
    unplaced: str,
) -> tuple[pd.DataFrame, int, int]:
    """Look the words up in the texts, white space aside.

    Return the rows placed, how many are not, and how many stand several times.
    """
    if unplaced not in ("error", "leave out"):
        raise refused(
            raw.file,
            f"'{unplaced}' is no way to treat words that are not found.",
            "Choose error or leave out.",
        )
    bare = {
        name: _bare(str(text or ""))
        for name, text in zip(texts["interview"], texts["text"], strict=True)
    }
    starts, ends, problems, twice = [], [], [], 0
    for row, name, words in zip(table["row"], table["interview"], table["quotation"], strict=True):
        text, places = bare[name]
        wanted = re.sub(r"\s+", "", words)
        at = text.find(wanted) if wanted else -1
        if at < 0:
            problems.append(
                Problem(
                    raw.file,
                    f"The words '{words[:60]}' are not in the text of '{name}'.",
                    "Give the text as it was when coded, or leave such rows out.",
                    int(row),
                    column_of["quotation"],
                )
            )
            starts.append(-1)
            ends.append(-1)
            continue
        twice += text.find(wanted, at + 1) >= 0
        starts.append(int(places[at]))
        ends.append(int(places[at + len(wanted) - 1]) + 1)
    if problems and unplaced == "error":
        raise DataError(problems)
    table = table.assign(start=starts, end=ends)
    return table[table["start"] >= 0].reset_index(drop=True), len(problems), twice


def _bare(text: str) -> tuple[str, np.ndarray]:
    """Return a text without white space, and where each of its characters stands in the text."""
    places = np.array(
        [place for place, letter in enumerate(text) if not letter.isspace()], dtype=int
    )
    return "".join(letter for letter in text if not letter.isspace()), places


def _excerpts(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make each interview's text of its excerpts, each once, and place the rows in it."""
    # the same words in another paragraph are another passage
    where = table["paragraph"] if "paragraph" in table else pd.Series("", index=table.index)
    keys = list(zip(table["interview"], where.astype(str), table["quotation"], strict=True))
    texts: dict[str, str] = {}
    starts: dict[tuple[str, str, str], int] = {}
    for name in dict.fromkeys(table["interview"]):
        own = [(place, words) for interview, place, words in keys if interview == name]
        texts[name], begins = excerpts_text(own)
        starts |= {(name, *excerpt): begin for excerpt, begin in begins.items()}
    placed = table.assign(
        start=[starts[key] for key in keys], end=[starts[key] + len(key[2]) for key in keys]
    )
    return placed, pd.DataFrame(list(texts.items()), columns=["interview", "text"])


def _moment(text: str) -> str | None:
    """Return a moment in the standard's form; None for what is not surely one."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)", str(text))
    return f"{match[1]}T{match[2] if len(match[2]) == 8 else match[2] + ':00'}" if match else None
