"""What is wrong with a city's map of its survey, whatever the file holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cssp.study.city_file import SurveySource
from cssp.study.problems import Problem, nearest, short_path
from cssp.study.study import City, Study
from cssp.survey.read_items import map_of
from cssp.tables.raw import fold, to_number


def check_map(study: Study, city: City, source: SurveySource) -> Iterator[Problem]:
    """Yield what the map names and the study does not have, and columns that are mapped twice."""
    where = short_path(city.folder / "city.yaml")
    for name, what, value in (
        *_unknown_names(study, source),
        *_unknown_targets(study, source),
        *_unclear_values(study, source),
        *_columns_twice(study, source),
    ):
        yield Problem(where, what, "Correct the map.", column=f"survey.{name}", value=value)


#: Where in the map, what is wrong, the value.
Found = tuple[str, str, str | None]


def _unknown_names(study: Study, source: SurveySource) -> Iterator[Found]:
    book = study.questionnaire
    for name in [*source.items, *source.not_asked]:
        if name not in book.names():
            what = f"'{name}' is not an item of the questionnaire. {nearest(name, book.names())}"
            yield f"items.{name}", what, name
    for name in source.scales:
        if name not in book.scales:
            what = f"'{name}' is not a scale of the questionnaire. {nearest(name, book.scales)}"
            yield f"scales.{name}", what, name


def _unknown_targets(study: Study, source: SurveySource) -> Iterator[Found]:
    """Yield maps to answers and options that are not there, whether or not the file uses them."""
    book = study.questionnaire
    for name, values in source.scales.items():
        codes = book.scales[name].all_codes if name in book.scales else None
        for value, code in values.items():
            if codes is not None and code is not None and code not in codes:
                what = f"'{value}' is mapped to {code}, which is not a code of the scale '{name}'."
                yield f"items.{name}", what, str(value)
    items = {item.name: item for item in book.items}
    for name, mapped in source.items.items():
        if name not in items:
            continue
        if name in source.not_asked:
            yield f"items.{name}", f"'{name}' is mapped and listed under not_asked.", None
        item = items[name]
        scale = book.scale_of(item)
        known = [str(code) for code in scale.all_codes] if scale else list(item.options)
        for value, target in mapped.values.items():
            numeric = item.type == "numeric" and to_number(target) is not None
            if target is not None and not numeric and str(target) not in known:
                what = f"'{value}' is mapped to '{target}', which is no answer of the item."
                yield f"items.{name}", what, str(value)


def _unclear_values(study: Study, source: SurveySource) -> Iterator[Found]:
    """Yield texts that stand twice in one map, and sectors or waves that the study lacks."""
    kinds = {"sector": list(study.file.sectors), "wave": list(study.file.waves)}
    of_kinds: dict[str, Mapping[Any, Any]] = {
        kind: {} if (what := getattr(source, kind)) is None else what.values for kind in kinds
    }
    maps = [*source.scales.items(), *of_kinds.items()]
    maps += [(name, mapped.values) for name, mapped in source.items.items()]
    for name, values in maps:
        seen: dict[str, tuple[object, object]] = {}
        for value, target in values.items():
            other = seen.setdefault(fold(value), (value, target))
            if str(other[1]) != str(target):
                what = (
                    f"'{other[0]}' and '{value}' are the same text, but are mapped to "
                    f"'{other[1]}' and '{target}'."
                )
                yield f"items.{name}", what, str(value)
    for kind, known in kinds.items():
        for value, target in of_kinds[kind].items():
            if target not in known:
                what = (
                    f"'{value}' is mapped to '{target}', which is not a {kind} of the study. "
                    f"{nearest(target, known)}"
                )
                yield f"items.{kind}", what, str(value)


def _columns_twice(study: Study, source: SurveySource) -> Iterator[Found]:
    used: dict[str, str] = {}
    for item in study.questionnaire.items:
        if item.name in source.not_asked:
            continue
        mapped = map_of(source, item)
        for column in mapped.named():
            if column in used:
                what = (
                    f"to two items, '{used[column]}' and '{item.name}'"
                    if used[column] != item.name
                    else f"twice to '{item.name}'"
                )
                yield f"items.{item.name}", f"The column '{column}' is mapped {what}.", column
            used[column] = item.name
        if len(mapped.places) > (item.ranks or len(item.options) or len(mapped.places)):
            sentence = f"The map has {len(mapped.places)} places, but {item.ranks} are ranked."
            yield f"items.{item.name}", sentence, None
