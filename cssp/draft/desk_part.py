"""A further table in the part `desk` of a city's `city.yaml`, every other line left as it is."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from cssp.draft.city_yaml import check_city_name, quoted, seen_from, write_city, write_part
from cssp.study.problems import RunError, StudyError, short_path
from cssp.study.study import Study


def city_text(study: Study, city: str) -> tuple[Path, str]:
    """Return the path of a city's `city.yaml`, and what it holds; empty where it is a new city."""
    check_city_name(city)
    path = study.folder / "cities" / city / "city.yaml"
    return path, path.read_text(encoding="utf-8") if path.exists() else ""


def write_desk_table(study: Study, city: str, table: Path, lines: list[str]) -> Path:
    """Write a table of the desk study into a city's `city.yaml`.

    Parameters
    ----------
    study : the study
    city : name of the city's folder
    table : the table's file
    lines : how it is read, as keys beside `file`, without indent

    Returns
    -------
    the path of `city.yaml`

    Raises
    ------
    RunError
        `city.yaml` names this file already.
    StudyError
        Its part 'desk' could not be changed safely.
    """
    path, there = city_text(study, city)
    file = seen_from(table, path)
    before = (yaml.safe_load(there) or {} if there else {}).get("desk")
    known = [] if not isinstance(before, dict) else before.get("tables") or []
    if any(isinstance(one, dict) and one.get("file") == file for one in known):
        raise RunError(
            f"{short_path(path)} names {file} already; take that table out of 'desk: tables', and "
            "run the same command."
        )
    entry = [f"    - file: {quoted(file)}", *(f"      {line}".rstrip() for line in lines)]
    if before is None:
        part = ["desk:", "  tables:", *entry, "  provenance:"]
        part.append(f"    source: {quoted('TODO: where the tables are from, and of which day')}")
        return write_part(study, city, there, part)
    changed = _inserted(there, entry)
    try:
        after = yaml.safe_load(changed)["desk"]["tables"]
    except (yaml.YAMLError, KeyError, TypeError):
        after = None
    if not isinstance(after, list) or after[:-1] != known or after[-1].get("file") != file:
        raise StudyError(
            f"The part 'desk' of {short_path(path)} could not be changed safely; write `tables:` "
            "as a list of its own lines, and run the same command."
        )
    return write_city(study, city, changed)


def _inserted(text: str, entry: list[str]) -> str:
    """Return `city.yaml` with an entry at the end of its list `desk: tables`."""
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if re.match(r"desk:\s*(#.*)?$", line)), None)
    if begin is None:
        return text
    end = _end_of(lines, begin, 0)
    tables = next(
        (at for at in range(begin, end) if re.match(r" +tables:\s*(#.*)?$", lines[at])), None
    )
    if tables is None:
        return "\n".join([*lines[:end], "  tables:", *entry, *lines[end:]]) + "\n"
    inner = len(lines[tables]) - len(lines[tables].lstrip())
    stop = _end_of(lines, tables, inner)
    first = next(
        (line for line in lines[tables + 1 : stop] if line.lstrip().startswith("-")), "    -"
    )
    shift = len(first) - len(first.lstrip()) - 4
    moved = [" " * shift + line if shift > 0 else line[-shift:] for line in entry]
    return "\n".join([*lines[:stop], *moved, *lines[stop:]]) + "\n"


def _end_of(lines: list[str], begin: int, indent: int) -> int:
    """Return where the block that begins on a line ends: behind its last line that is not blank."""
    last = begin
    for at in range(begin + 1, len(lines)):
        line = lines[at]
        own = len(line) - len(line.lstrip())
        if (
            line.strip()
            and own <= indent
            and not (own == indent > 0 and line.lstrip().startswith("- "))
        ):
            if line.lstrip().startswith("#"):
                continue
            break
        if line.strip():
            last = at
    return last + 1
