"""Projects made from tables.

What another tool's file, or a study, holds becomes a REFI-QDA document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
from lxml import etree

from cssp.interviews.exchange.project import Project, new_guid
from cssp.interviews.exchange.refi_qda import project_of
from cssp.interviews.exchange.refi_schema import PROJECT
from cssp.study.problems import DataError, Problem, nearest

SPACE = f"{{{PROJECT}}}"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

#: How many characters of a selection tools write beside it.
_NAME = 80


class GivenTexts:
    """Texts at hand, by the path under which a document names them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def text(self, path: str) -> str | None:
        """Return the text of a path."""
        return self.texts.get(path)


def texts_by_path(project: Project) -> dict[str, str]:
    """Return a project's texts by the path under which its document names them."""
    paths = zip(project.sources["path"], project.sources["text"], strict=True)
    return {str(path): text for path, text in paths if isinstance(text, str)}


def place_of_users(root: Any) -> Any:
    """Return the part of a document that lists the users, made at its head where it is missing."""
    place = root.find(f"{SPACE}Users")
    if place is None:
        place = etree.Element(f"{SPACE}Users")
        root.insert(0, place)
    return place


def printable(text: object) -> str:
    """Return a text without the characters that XML cannot hold.

    >>> printable("a\\x00b")
    'ab'
    """
    return (
        ""
        if text is None or (isinstance(text, float) and text != text)
        else _UNPRINTABLE.sub("", str(text))
    )


def add(parent: Any, tag: str, text: object = None, /, **attributes: object) -> Any:
    """Append an element to a document; attributes that are empty are left out."""
    known = {key: printable(value) for key, value in attributes.items() if value not in (None, "")}
    element = etree.SubElement(parent, SPACE + tag, known)
    if text is not None:
        element.text = printable(text)
    return element


def project_from_tables(
    name: str,
    codes: pd.DataFrame,
    texts: pd.DataFrame,
    codings: pd.DataFrame,
    file: str = "",
    origin: str = "CSSP",
    description: str = "",
    sets: Mapping[str, list[str]] | None = None,
) -> Project:
    """Make a project from tables.

    Parameters
    ----------
    name, origin, description : of the project
    codes : `code, parent` (a code or empty), and where known `label` (its name in the tool;
        default: the code), `description, colour, codable, guid`
    texts : `interview, text` (None where there is none), further columns become variables of a case
        for each interview
    codings : `interview, coder, code, start, end`, and where known `created` (YYYY-MM-DDTHH:MM:SS)
        and `selection` (what keeps two selections of one
        place apart); without a place (missing) the whole text, without a code (missing) a selection
        only
    file : where it comes from, for messages
    sets : set of interviews -> its interviews

    Returns
    -------
    the project; its GUIDs follow from the names, so the same tables give the same project

    Raises
    ------
    DataError
        A coding of an unknown code or interview, a cycle in the hierarchy, a place outside its
        text.

    Examples
    --------
    >>> codes = pd.DataFrame({"code": ["money"], "path": ["money"]})
    >>> texts = pd.DataFrame({"interview": ["i1"], "text": ["We have no money."]})
    >>> codings = pd.DataFrame({"interview": ["i1"], "code": ["money"], "coder": ["anna"],
    ...     "start": [8], "end": [16]})
    >>> project_from_tables("study", codes, texts, codings).segments["quotation"].tolist()
    ['no money']
    """
    root = etree.Element(
        f"{SPACE}Project",
        nsmap={None: PROJECT},
        name=printable(name) or "project",
        origin=printable(origin),
    )
    coders = list(dict.fromkeys(str(coder) for coder in codings["coder"]))
    users = {coder: new_guid("coder", coder) for coder in coders}
    if coders:
        own = add(root, "Users")
        for coder, guid in users.items():
            add(own, "User", guid=guid, name=coder)
    guids = _add_codes(root, codes, file)
    sources = {
        interview: new_guid("interview", name, interview) for interview in texts["interview"]
    }
    _add_attributes(root, name, texts, sources)
    given = _add_sources(root, texts, codings, sources, guids, users, file)
    if sets:
        own = add(root, "Sets")
        for label, members in sets.items():
            group = add(own, "Set", guid=new_guid("set", name, label), name=label or "set")
            for member in members:
                add(group, "MemberSource", targetGUID=sources[member])
    if description:
        add(root, "Description", description)
    return project_of(root, file, GivenTexts(given))


def _add_codes(root: Any, codes: pd.DataFrame, file: str) -> dict[str, str]:
    """Append the code system; return the GUID of each code."""
    rows = {str(row["code"]): row for row in codes.to_dict("records")}
    parents = {code: str(row.get("parent") or "") for code, row in rows.items()}
    guids = {code: str(row.get("guid") or new_guid("code", code)) for code, row in rows.items()}
    if not rows:
        return guids
    for code in rows:
        chain, above = [code], parents[code]
        while above:
            if above not in rows:
                raise DataError(
                    Problem(
                        file,
                        f"The code '{code}' stands below '{above}', which is no code. "
                        f"{nearest(above, rows)}",
                        "Correct the hierarchy.",
                    )
                )
            if above in chain:
                raise DataError(
                    Problem(
                        file,
                        "The hierarchy of codes goes round in a circle: "
                        f"{' < '.join([*chain, above])}.",
                        "Put one of them at the top.",
                    )
                )
            chain.append(above)
            above = parents[above]
    elements: dict[str, Any] = {"": add(add(root, "CodeBook"), "Codes")}
    waiting = list(rows)
    while waiting:
        later = []
        for code in waiting:
            if parents[code] not in elements:
                later.append(code)
                continue
            row = rows[code]
            colour = row.get("colour")
            elements[code] = add(
                elements[parents[code]],
                "Code",
                guid=guids[code],
                name=row.get("label") or code,
                isCodable="false" if row.get("codable") is False else "true",
                color=colour if isinstance(colour, str) else None,
            )
            if isinstance(row.get("description"), str) and row["description"]:
                elements[code].insert(0, _made("Description", row["description"]))
        waiting = later
    return guids


def _made(name: str, text: object) -> Any:
    element = etree.Element(SPACE + name)
    element.text = printable(text)
    return element


def _add_attributes(root: Any, name: str, texts: pd.DataFrame, sources: Mapping[str, str]) -> None:
    """Append the variables, and a case for each interview that has values."""
    columns = [str(column) for column in texts.columns if column not in ("interview", "text")]
    if not columns or texts.empty:
        return
    variables = add(root, "Variables")
    for column in columns:
        add(
            variables,
            "Variable",
            guid=new_guid("variable", name, column),
            name=column,
            typeOfVariable="Text",
        )
    cases = add(root, "Cases")
    for row in texts.to_dict("records"):
        case = add(
            cases, "Case", guid=new_guid("case", name, row["interview"]), name=row["interview"]
        )
        for column in columns:
            value = printable(row[column])
            if value:
                value_element = add(case, "VariableValue")
                add(value_element, "VariableRef", targetGUID=new_guid("variable", name, column))
                add(value_element, "TextValue", value)
        add(case, "SourceRef", targetGUID=sources[row["interview"]])


def _add_sources(
    root: Any,
    texts: pd.DataFrame,
    codings: pd.DataFrame,
    sources: Mapping[str, str],
    guids: Mapping[str, str],
    users: Mapping[str, str],
    file: str,
) -> dict[str, str]:
    """Append the interviews with their codings; return their texts by path."""
    given: dict[str, str] = {}
    if texts.empty:
        return given
    for column, known, what in (("code", guids, "code"), ("interview", sources, "interview")):
        strange = [
            value
            for value in dict.fromkeys(codings[column].dropna().astype(str))
            if value not in known
        ]
        if strange:
            raise DataError(
                Problem(
                    file,
                    f"A coding refers to the unknown {what} '{strange[0]}'. "
                    f"{nearest(strange[0], known)}",
                    "Correct the name.",
                    column=column,
                    value=strange[0],
                )
            )
    own = add(root, "Sources")
    by_interview = dict(list(codings.groupby("interview", sort=False)))
    for interview, text in zip(texts["interview"], texts["text"], strict=True):
        guid = sources[interview]
        path = f"internal://{guid}.txt"
        source = add(own, "TextSource", guid=guid, name=interview, plainTextPath=path)
        if isinstance(text, str):
            given[path] = text
        if interview in by_interview:
            add_codings_from(
                source,
                guid,
                by_interview[interview],
                text if isinstance(text, str) else None,
                guids,
                users,
            )
    return given


def add_codings_from(
    source: Any,
    guid: str,
    codings: pd.DataFrame,
    text: str | None,
    guids: Mapping[str, str],
    users: Mapping[str, str],
    there: Collection[str] = (),
) -> None:
    """Append one source's codings: one selection for each place and coder, with all its codes.

    What has one of the GUIDs `there` is there already.
    """
    created = (
        codings["created"]
        if "created" in codings
        else pd.Series(None, index=codings.index, dtype=object)
    )
    mark = codings["selection"] if "selection" in codings else pd.Series("", index=codings.index)
    selections: dict[tuple[Any, ...], Any] = {}
    whole = []
    seen: set[str] = set(there)
    # selections that an earlier addition made take further codes
    made = (
        {element.get("guid"): element for element in source.iter(f"{SPACE}PlainTextSelection")}
        if there
        else {}
    )
    for coder, code, start, end, when, own in zip(
        codings["coder"].astype(str),
        codings["code"],
        codings["start"],
        codings["end"],
        created,
        mark,
        strict=True,
    ):
        when = when if isinstance(when, str) and when else None
        placed = pd.notna(start) and pd.notna(end)
        key = (coder, int(start), int(end), own) if placed else (coder, None, None, own)
        if placed and new_guid("selection", guid, *key) in made:
            selections.setdefault(key, made[new_guid("selection", guid, *key)])
        if placed and key not in selections:
            selections[key] = add(
                source,
                "PlainTextSelection",
                guid=new_guid("selection", guid, *key),
                name=(text or "")[key[1] : key[2]][:_NAME],
                startPosition=key[1],
                endPosition=key[2],
                creatingUser=users[coder],
                creationDateTime=when,
            )
        if pd.isna(code):
            continue
        coding_guid = new_guid("coding", guid, *key, code)
        if coding_guid in seen:  # the same code twice at one place by one coder says nothing more
            continue
        seen.add(coding_guid)
        if not placed:
            whole.append((coding_guid, coder, code, when))
            continue
        coding = add(
            selections[key],
            "Coding",
            guid=coding_guid,
            creatingUser=users[coder],
            creationDateTime=when,
        )
        add(coding, "CodeRef", targetGUID=guids[str(code)])
    for coding_guid, coder, code, when in whole:
        coding = add(
            source, "Coding", guid=coding_guid, creatingUser=users[coder], creationDateTime=when
        )
        add(coding, "CodeRef", targetGUID=guids[str(code)])
