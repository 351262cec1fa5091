"""Reading the study's YAML files: every value keeps the line it came from.

YAML 1.1 reads `no` as false, `010` as eight and `2022-07-01` as a date; a codebook means words and
codes.
So only `true`/`false`, plain decimal numbers and null are anything but text here (the YAML 1.2
core).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from cssp.study.problems import Problem, StudyError, nearest, short_path

Place = tuple[str | int, ...]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """SafeLoader with the YAML 1.2 core types only."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


#: A name in a study's files: an item, a code, a city.
Name = Annotated[str, Field(pattern=r"^[A-Za-zА-Яа-яЁё][\wА-Яа-яЁё]*$")]


class Model(BaseModel):
    """A part of a study's file: an unknown key is an error that names the nearest known one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_key(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = {field.alias or name for name, field in cls.model_fields.items()}
            known |= set(cls.model_fields)
            for key in data:
                if key not in known:
                    raise PydanticCustomError(
                        "unknown_key",
                        "'{key}' is not a known key. {hint}",
                        {"key": str(key), "hint": nearest(str(key), sorted(known))},
                    )
        return data


def _label(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("label", "is true or false, not text; put it in quotes", {})
    if isinstance(value, int | float):
        value = str(value)
    if isinstance(value, dict):
        for key in value:
            if not re.fullmatch(r"[a-z]{2}|", str(key)):
                raise PydanticCustomError(
                    "label",
                    "has '{key}' where a language is due; put a text that has a comma in quotes",
                    {"key": str(key)},
                )
    return {"": value} if isinstance(value, str) else value


#: Text in each of the study's languages: `{en: ..., ru: ...}`, or one text that serves all.
Label = Annotated[dict[str, str], BeforeValidator(_label)]


def in_language(label: dict[str, str], language: str) -> str:
    """Return the label in a language, or in the one that serves all, or in any there is.

    >>> in_language({"en": "City", "ru": "Город"}, "ru")
    'Город'
    """
    if language in label:
        return label[language]
    return label.get("", next(iter(label.values()), ""))


T = TypeVar("T", bound=BaseModel)


def read_yaml(path: Path) -> tuple[Any, dict[Place, int]]:
    """Read one YAML file.

    Returns
    -------
    the data, and the line (from 1) of each key and list entry by its place, e.g. `("items", 0,
    "type") -> 12`

    Raises
    ------
    StudyError
        The file is missing, a folder, not UTF-8, does not parse (with line and column), or names a
        key twice.
    """
    shown = short_path(path)
    if not path.exists():
        hint = (
            nearest(path.name, [p.name for p in path.parent.glob("*.yaml")])
            if path.parent.is_dir()
            else ""
        )
        raise StudyError(
            Problem(
                shown, "The file does not exist.", f"Create it or correct the name. {hint}".strip()
            )
        )
    if path.is_dir():
        raise StudyError(
            Problem(shown, "This is a folder, not a file.", "Name the YAML file itself.")
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(
            Problem(shown, "The file is not in UTF-8.", "Save it as UTF-8 in your editor.")
        ) from None
    try:
        node = yaml.compose(text, Loader=_Loader)
        lines: dict[Place, int] = {}
        twice: list[Problem] = []
        if node is not None and _expanded(node, {}) > _MOST:
            raise StudyError(
                Problem(
                    shown,
                    f"Its aliases stand for more than {_MOST:,} entries.",
                    "Write them out, without & and *.",
                )
            )
        if node is not None:
            _mark(node, (), lines, twice, shown)
        if twice:
            raise StudyError(twice)
        data = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f" (column {mark.column + 1})" if mark else ""
        raise StudyError(
            Problem(
                shown,
                f"The YAML does not parse{at}: {error.problem}.",
                "Check the indentation, colons and quotes on this line and the one above.",
                row=mark.line + 1 if mark else None,
            )
        ) from None
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise StudyError(
            Problem(
                shown,
                "The YAML does not parse: "
                f"{(str(error).splitlines() or [type(error).__name__])[0]}.",
                "Correct the file.",
            )
        ) from None
    if data is None:
        raise StudyError(
            Problem(
                shown, "The file is empty.", "Fill it in; `cssp new` makes a commented example."
            )
        )
    return data, lines


#: Entries that a file may have once its aliases are written out.
_MOST = 1_000_000


def _expanded(node: yaml.Node, known: dict[int, float]) -> float:
    """Return how many entries a node stands for, aliases written out; one within itself is endless.

    Few letters with aliases of aliases stand for billions.
    """
    if id(node) not in known:
        known[id(node)] = float("inf")  # whoever asks meanwhile is within the node
        inner = (
            [one for pair in node.value for one in pair]
            if isinstance(node, yaml.MappingNode)
            else node.value
            if isinstance(node, yaml.SequenceNode)
            else []
        )
        known[id(node)] = 1.0 + sum(_expanded(one, known) for one in inner)
    return known[id(node)]


def _mark(
    node: yaml.Node, place: Place, lines: dict[Place, int], twice: list[Problem], file: str
) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[Any] = set()
        for key, value in node.value:
            name = int(key.value) if key.tag.endswith(":int") else key.value
            if name in seen and name != "<<":
                twice.append(
                    Problem(
                        file,
                        f"The key '{name}' stands here twice.",
                        "Remove one of them.",
                        row=key.start_mark.line + 1,
                        column=str(name),
                    )
                )
            seen.add(name)
            lines[(*place, name)] = key.start_mark.line + 1
            _mark(value, (*place, name), lines, twice, file)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            lines[(*place, position)] = value.start_mark.line + 1
            _mark(value, (*place, position), lines, twice, file)


def line_of(lines: dict[Place, int], place: Place) -> int | None:
    """Return the line of the innermost known part of a place."""
    for length in range(len(place), -1, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


_WORDS = {
    "missing": "is required and absent",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a set of 'key: value' lines",
    "model_type": "must be a set of 'key: value' lines",
    "model_attributes_type": "must be a set of 'key: value' lines",
}


def read_model(path: Path, model: type[T]) -> T:
    """Read a YAML file into a pydantic model.

    Raises
    ------
    StudyError
        All that does not fit, each with its line and key; an unknown key names the nearest known
        one.
    """
    data, lines = read_yaml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise StudyError(_problems(error, short_path(path), lines)) from None


def _problems(error: ValidationError, file: str, lines: dict[Place, int]) -> list[Problem]:
    found = []
    for item in error.errors():
        place: Place = tuple(item["loc"])
        context = item.get("ctx") or {}
        if item["type"] == "unknown_key":
            place = (*place, context["key"])
        # pydantic appends names of union members and "[key]" to a place; only what stands in the
        # file is shown
        shown = ".".join(str(part) for part in place if not str(part).endswith(("]", "[key]")))
        value = item.get("input")
        plain = value if isinstance(value, str | int | float | bool) else None
        if item["type"] in ("unknown_key", "value_error", "assertion_error", "label"):
            what = item["msg"].removeprefix("Value error, ")
            what = what if item["type"] != "label" else f"'{shown}' {what}"
        elif item["type"] == "literal_error":
            what = f"'{plain}' is not one of {context.get('expected')}."
        else:
            what = f"'{shown}' {_WORDS.get(item['type'], item['msg'])}" + (
                f", not {plain!r}" if plain is not None and item["type"] != "missing" else ""
            )
        what = what if what.endswith((".", "?")) else what + "."
        found.append(
            Problem(
                file,
                what,
                "Correct this key; `cssp schema` writes schemas that let an editor check it.",
                row=line_of(lines, place),
                column=shown or None,
                value=None if plain is None else str(plain),
            )
        )
    return found
