"""What does not fit between the files of a study."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cssp.study.problems import Problem, nearest, short_path
from cssp.study.read_yaml import Label, Model
from cssp.study.study import Stage, Study


def cross_check(study: Study, stages: Collection[Stage]) -> Iterable[Problem]:
    """Yield what does not fit between the study's files, as far as these stages need them.

    Unknown themes, sectors, labels.
    """
    folder, file = study.folder, study.file
    themes = file.themes

    if "survey" in stages:
        yield from _of_survey(study)
    if "interviews" in stages and (folder / file.codes).exists():
        for code, _ in study.codes.walk():
            if code.theme is not None and code.theme not in themes:
                yield _unknown(
                    short_path(folder / file.codes),
                    f"{code.name}.theme",
                    code.theme,
                    themes,
                    "theme",
                )
    if "desk" in stages and (folder / file.indicators).exists():
        for indicator in study.indicators.indicators:
            if indicator.theme is not None and indicator.theme not in themes:
                yield _unknown(
                    short_path(folder / file.indicators),
                    f"{indicator.name}.theme",
                    indicator.theme,
                    themes,
                    "theme",
                )
    yield from _of_questions(study, stages)
    yield from _missing_labels(study, stages)


def _of_questions(study: Study, stages: Collection[Stage]) -> Iterable[Problem]:
    """Yield what the study's questions name and the study does not have."""
    where = short_path(study.folder / "study.yaml")
    for name, asked in study.file.questions.items():
        key = f"questions.{name}"
        if asked.higher is not None and asked.higher not in study.cities:
            yield _unknown(where, f"{key}.higher", asked.higher, study.cities, "city")
        sectors = []
        if asked.perception is not None:
            sectors = [asked.perception.rater, asked.perception.rated]
        if asked.items is not None:
            sectors = [asked.items.sector]
            known = study.questionnaire.names("ordinal") if "survey" in stages else []
            for item in asked.items.items if known else []:
                if item not in known:
                    yield _unknown(where, f"{key}.items", item, known, "ordinal item")
        for sector in sectors:
            if sector not in study.sectors:
                yield _unknown(where, key, sector, study.sectors, "sector")
        codes = study.book("interviews") if "interviews" in stages else None
        if asked.code is not None and codes is not None and asked.code not in codes.names:
            yield _unknown(where, f"{key}.code", asked.code, codes.names, "code")
        if asked.support is not None and "desk" in stages and study.book("desk"):
            levels = study.indicators.levels
            if asked.support.level not in levels:
                yield _unknown(where, f"{key}.support", asked.support.level, levels, "level")


def _unknown(where: str, key: str, word: str, known: Iterable[str], kind: str) -> Problem:
    return Problem(
        where,
        f"'{word}' is not a {kind} of the study. {nearest(word, known)}",
        f"Correct it, or add the {kind} to study.yaml.",
        column=key,
        value=word,
    )


def _of_survey(study: Study) -> Iterable[Problem]:
    """Yield what the questionnaire and the parts of `study.yaml` on the survey name and the
    study does not have.
    """
    folder, file = study.folder, study.file
    themes, sectors = file.themes, file.sectors
    questionnaire = short_path(folder / file.questionnaire)
    for item in study.questionnaire.items:
        if item.theme is not None and item.theme not in themes:
            yield _unknown(questionnaire, f"{item.name}.theme", item.theme, themes, "theme")
        if item.rated is not None and item.rated not in sectors:
            yield _unknown(questionnaire, f"{item.name}.rated", item.rated, sectors, "sector")
        for sector in item.asked_of:
            if sector not in sectors:
                yield _unknown(questionnaire, f"{item.name}.asked_of", sector, sectors, "sector")
    sections = {section.name for section in study.questionnaire.sections}
    items = {item.name for item in study.questionnaire.items}
    where = short_path(folder / "study.yaml")
    for key, word, known, kind in _named_in_study(study):
        if word not in known:
            yield Problem(
                where,
                f"'{word}' is not {kind}. {nearest(word, sorted(known))}",
                "Correct it.",
                column=key,
                value=word,
            )
    for name, family in file.corrections.families.items():
        for key, listed, known in (
            ("sections", family.sections, sections),
            ("items", family.items, items),
        ):
            for word in listed:
                if word not in known:
                    yield Problem(
                        short_path(folder / "study.yaml"),
                        f"'{word}' is not among the questionnaire's {key}. "
                        f"{nearest(word, sorted(known))}",
                        "Correct the family.",
                        column=f"corrections.families.{name}.{key}",
                        value=word,
                    )


def _named_in_study(study: Study) -> Iterable[tuple[str, str, Collection[str], str]]:
    """Yield what the parts of `study.yaml` on the survey name.

    Key, word, the words that are known, and what they are.
    """
    file, book = study.file, study.questionnaire
    scaled = [item.name for item in book.items if item.type == "ordinal"]
    for name in file.frame:
        yield f"frame.{name}", name, study.sectors, "a sector of the study"
    for name in study.sectors if file.frame else []:
        yield (
            "frame",
            name,
            list(file.frame),
            "given a share in the frame, where every sector needs one",
        )
    for rule in file.exclusions:
        yield "exclusions.city", rule.city, study.cities, "a city of the study"
    if file.profile is not None:
        for block, block_rule in file.profile.blocks.items():
            for name in block_rule.items:
                yield (
                    f"profile.blocks.{block}.items",
                    name,
                    scaled,
                    "an ordinal item of the questionnaire",
                )
        for name in file.profile.sector_weights:
            yield "profile.sector_weights", name, study.sectors, "a sector of the study"
        for name in file.profile.gap or ():
            yield "profile.gap", name, study.sectors, "a sector of the study"
        for name in study.sectors if file.profile.sector_weights else []:
            yield (
                "profile.sector_weights",
                name,
                list(file.profile.sector_weights),
                "given a weight, where every sector needs one",
            )
    if file.competence is not None:
        for name in file.competence.knowledge:
            yield "competence.knowledge", name, scaled, "an ordinal item of the questionnaire"
        if file.competence.argument is not None:
            several = {item.name: item for item in book.items if item.type == "multiple"}
            yield (
                "competence.argument",
                file.competence.argument,
                list(several),
                "a multiple-choice item of the questionnaire",
            )
            options = (
                several[file.competence.argument].options
                if file.competence.argument in several
                else {}
            )
            for name in file.competence.sources if options else []:
                yield "competence.sources", name, list(options), "an option of that item"
            for name in options:
                yield (
                    "competence.sources",
                    name,
                    list(file.competence.sources),
                    "given a worth, where every option needs one (0 is one)",
                )


def _missing_labels(study: Study, stages: Collection[Stage]) -> Iterable[Problem]:
    def look(where: str, place: str, value: Any) -> Iterable[Problem]:
        if isinstance(value, Model):
            for name, field in type(value).model_fields.items():
                inner = getattr(value, name)
                if field.annotation == Label or _is_label(inner):
                    yield from look_label(where, f"{place}.{name}" if place else name, inner)
                else:
                    yield from look(where, f"{place}.{name}" if place else name, inner)
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                inner_place = f"{place}.{key}"
                yield from (
                    look_label(where, inner_place, inner)
                    if _is_label(inner)
                    else look(where, inner_place, inner)
                )
        elif isinstance(value, list):
            for inner in value:
                yield from look(
                    where, f"{place}.{getattr(inner, 'name', getattr(inner, 'code', ''))}", inner
                )

    def look_label(where: str, place: str, label: Any) -> Iterable[Problem]:
        if not isinstance(label, Mapping) or "" in label:
            return
        for language in study.file.languages:
            if not label.get(language, "").strip():
                yield Problem(
                    where,
                    f"The text has no wording in '{language}', a language of the study.",
                    "Add it, or take the language out of study.yaml.",
                    column=place,
                )

    def _is_label(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and bool(value)
            and all(isinstance(text, str) for text in value.values())
            and all(key == "" or (isinstance(key, str) and len(key) == 2) for key in value)
        )

    folder, file = study.folder, study.file
    yield from look(short_path(folder / "study.yaml"), "", file)
    if "survey" in stages:
        yield from look(short_path(folder / file.questionnaire), "", study.questionnaire)
    if "interviews" in stages and (folder / file.codes).exists():
        yield from look(short_path(folder / file.codes), "", study.codes)
    if "desk" in stages and (folder / file.indicators).exists():
        yield from look(short_path(folder / file.indicators), "", study.indicators)
