"""What all proposals of a `city.yaml` share: its head, quoting, and its place in the study."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import yaml

from cssp.study.problems import RunError, StudyError
from cssp.study.study import Study
from cssp.study.write_files import write_text

#: Signs of a city's name: some file systems count bytes, two to a Cyrillic letter.
LONGEST_NAME = 80


def check_city_name(city: str) -> None:
    """Refuse a city's name that cannot be a folder's.

    Raises
    ------
    RunError
        The name has signs other than letters, digits, spaces, hyphens and underscores.
    """
    if not re.fullmatch(rf"\w|\w[\w -]{{0,{LONGEST_NAME - 2}}}\w", city):
        raise RunError(
            f"'{city}' cannot be the name of a city's folder; use letters, digits, spaces, hyphens "
            f"and underscores, {LONGEST_NAME} signs at most (an é as one sign, not as e with an "
            "accent)."
        )


def quoted(text: object) -> str:
    """Return a text as YAML reads it back, whatever signs it has."""
    return json.dumps(str(text), ensure_ascii=False)


def city_head(study: Study, city: str) -> list[str]:
    """Return the first lines of a drafted `city.yaml`: what every city has."""
    names = ", ".join(f"{code}: {quoted(city)}" for code in study.file.languages)
    return [
        "# Written by `cssp add`. Look at every line; each TODO wants a decision.",
        f"name: {{{names}}}        # the city's name in each language",
        f"region: {{{names.replace(quoted(city), quoted('TODO: the region'))}}}",
        "synthetic: false",
        "",
    ]


def seen_from(file: Path, target: Path) -> str:
    """Return a file's path as `target` names it: relative to its folder, where that can be."""
    try:
        return Path(os.path.relpath(file.resolve(), target.parent.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return file.resolve().as_posix()


def with_city(text: str, cities: list[str], city: str) -> str:
    """Add a city to the list in `study.yaml`, leaving every other line as it is.

    Refuse where the result would not read so.
    """
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.startswith("cities:"):
            continue
        head, closing, tail = line.partition("]")
        if closing:
            comma = "" if head.rstrip().endswith("[") else ", "
            lines[number] = f"{head.rstrip()}{comma}{quoted(city)}]{tail}"
        else:
            last = number
            while last + 1 < len(lines) and lines[last + 1].lstrip().startswith("-"):
                last += 1
            indent = (
                lines[last][: len(lines[last]) - len(lines[last].lstrip())]
                if last > number
                else "  "
            )
            lines.insert(last + 1, f"{indent}- {quoted(city)}\n")
        break
    changed = "".join(lines)
    try:
        read = yaml.safe_load(changed)["cities"]
    except (yaml.YAMLError, TypeError, KeyError):
        read = None
    if read is None or [str(name) for name in read] != [*cities, city]:
        raise StudyError(
            f"The list 'cities' in study.yaml could not be changed safely; add '{city}' to it by "
            "hand and run the same command."
        )
    return changed


def write_part(study: Study, city: str, there: str, lines: list[str]) -> Path:
    """Write a new part of a city's `city.yaml`, and the city into `study.yaml` if it is new.

    Parameters
    ----------
    study : the study
    city : name of the city's folder
    there : what its `city.yaml` holds so far; empty: there is none
    lines : the part

    Returns
    -------
    the path of `city.yaml`
    """
    before = there.rstrip("\n") + "\n\n" if there else "\n".join(city_head(study, city)) + "\n"
    return write_city(study, city, before + "\n".join(lines) + "\n")


def write_city(study: Study, city: str, text: str) -> Path:
    """Write a city's `city.yaml`, and the city into `study.yaml` if it is new."""
    listed = (study.folder / "study.yaml").read_text(encoding="utf-8")
    added = listed if city in study.cities else with_city(listed, study.cities, city)
    target = study.folder / "cities" / city / "city.yaml"
    write_text(target, text)
    if added != listed:
        write_text(study.folder / "study.yaml", added)
    return target
