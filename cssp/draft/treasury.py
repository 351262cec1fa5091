"""Forms of the Treasury into a study.

A city's `treasury.csv` with the provenance of each figure, and its place in `city.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError

from cssp.desk.territories import Region, find_region, region_of, regions
from cssp.desk.treasury.form import Form, read_forms
from cssp.draft.city_yaml import check_city_name, quoted, with_city
from cssp.draft.merged_rows import merged_rows
from cssp.draft.treasury_rows import treasury_rows
from cssp.study.city_file import CityFile
from cssp.study.indicator_book import TreasuryMap
from cssp.study.problems import DataError, Problem, RunError, StudyError, short_path
from cssp.study.study import Study
from cssp.study.write_files import write_text

_FILE = "treasury.csv"
_HEAD = (
    "# Written by `cssp add CITY --treasury FILE`: executed amounts of form 0503317. Add or "
    "replace forms with the same command.\n"
)


def add_forms(
    study: Study,
    city: str,
    paths: Sequence[Path],
    region: str = "",
    replace: bool = False,
    unbalanced: bool = False,
) -> tuple[list[Form], list[Path]]:
    """Put forms 0503317 of one region into the study, as `treasury.csv` of a city.

    A new city is added to the study.

    Parameters
    ----------
    study : the study; its `indicators.yaml` says under `treasury` what counts as support
    city : name of the city's folder
    paths : forms of the same region, one a year, each of a whole year (of 1 January)
    region : the region's name in any spelling, if the forms are to be checked against it
    replace : let a form take the place of another one of the same year
    unbalanced : take forms whose sums do not add up; the rows say so

    Returns
    -------
    the forms as read, and the files written

    Raises
    ------
    DataError
        A form that cannot be read or does not add up, is of another region or of a part of a year,
        two forms for one year.
    StudyError
        The study's codebook does not say what the forms are for, or lacks a kind of municipality
        that has money.
    """
    check_city_name(city)
    mapping = _map(study)
    forms = read_forms(paths, strict=not unbalanced)
    known = city in study.cities and (study.folder / "cities" / city / "city.yaml").exists()
    subject = _one_region(study, city, forms, region, known)
    rows = [row for form in forms for row in treasury_rows(study, mapping, form, date.today())]
    folder = study.folder / "cities" / city
    table = merged_rows(folder / _FILE, rows, forms, replace)
    path = folder / "city.yaml"
    city_text = _with_treasury(path) if known else _new_city(study, city, subject, forms[0])
    _readable(city_text, path)
    listed = (study.folder / "study.yaml").read_text(encoding="utf-8")
    study_text = listed if city in study.cities else with_city(listed, study.cities, city)
    written = []
    for target, text, old in (
        (
            folder / _FILE,
            _HEAD + table,
            (folder / _FILE).read_text(encoding="utf-8") if (folder / _FILE).exists() else None,
        ),
        (path, city_text, path.read_text(encoding="utf-8") if known else None),
        (study.folder / "study.yaml", study_text, listed),
    ):
        if text != old:
            write_text(target, text)
            written.append(target)
    return forms, written


def _map(study: Study) -> TreasuryMap:
    book = study.indicators
    where = short_path(study.folder / study.file.indicators)
    mapping = book.treasury
    if mapping is None or (mapping.support is None and mapping.expenditure is None):
        raise StudyError(
            Problem(
                where,
                "It does not say which indicators the Treasury's form is for.",
                "Write e.g. `treasury: {support: NAME, expenditure: NAME, types: ['630']}`.",
                column="treasury",
            )
        )
    for name in (mapping.support, mapping.expenditure):
        if name is not None and book.indicator(name).unit != "RUB":
            raise StudyError(
                Problem(
                    where,
                    f"The form is in roubles, but '{name}' is measured in "
                    f"{book.indicator(name).unit}.",
                    "Give it the unit RUB, or name another indicator.",
                    column="treasury",
                )
            )
    return mapping


def _one_region(
    study: Study, city: str, forms: list[Form], region: str, known: bool
) -> Region | None:
    """Return the region of the forms.

    Refuse forms of different regions, or of another one than the city's or the one told.
    """
    names = {form.region: form.file for form in forms}
    if len(names) > 1:
        (one, file), (other, second) = list(names.items())[:2]
        raise DataError(
            Problem(
                second,
                f"This form is of {other}, but {file} is of {one}.",
                "Add each region by itself.",
            )
        )
    subject = next((own for own in regions() if own.name_ru == forms[0].region), None)
    wanted: Region | None = find_region(region) if region else None
    source = f"'{region}'"
    if wanted is None and known:
        own_file = study.city(city).file
        wanted = region_of(own_file.oktmo) if own_file.oktmo else _named(own_file.region.values())
        source = f"the city's region in {short_path(study.folder / 'cities' / city / 'city.yaml')}"
    if wanted is not None and subject is None:
        raise DataError(
            Problem(
                forms[0].file,
                "The form's head names no region that is known"
                + (f" ('{forms[0].budget}')" if forms[0].budget else "")
                + f", so it cannot be checked against {source}.",
                "Look whose form it is; a form whose region cannot be told is not taken.",
            )
        )
    if wanted is not None and subject is not None and wanted != subject:
        raise DataError(
            Problem(
                forms[0].file,
                f"The form is of {subject.name_ru} ({subject.name_en}), but {source} is "
                f"{wanted.name_ru}.",
                "Give the form of the city's region, or name another city.",
            )
        )
    return subject


def _named(names: Iterable[str]) -> Region | None:
    for name in names:
        try:
            return find_region(name)
        except DataError:
            continue
    return None


def _with_treasury(path: Path) -> str:
    """Return `city.yaml` with the table named in it, leaving every other line as it is."""
    text = path.read_text(encoding="utf-8")
    desk = yaml.safe_load(text).get("desk")
    if isinstance(desk, dict) and desk.get("treasury"):
        if desk["treasury"] != _FILE:
            raise StudyError(
                Problem(
                    short_path(path),
                    f"It names {desk['treasury']}, but `cssp add` writes {_FILE}.",
                    f"Write `treasury: {_FILE}`.",
                    column="desk.treasury",
                )
            )
        return text
    if desk is None:
        block = f"\ndesk:\n  treasury: {_FILE}\n  provenance: {{source: {quoted(_provenance())}}}\n"
        return text.rstrip("\n") + "\n" + block
    lines = text.splitlines(keepends=True)
    place = next((i for i, line in enumerate(lines) if line.startswith("desk:")), None)
    if place is None or lines[place].split("#")[0].strip() != "desk:":
        raise StudyError(
            Problem(
                short_path(path),
                "The part 'desk' could not be changed safely.",
                f"Add `treasury: {_FILE}` to it by hand, and run the same command.",
                column="desk",
            )
        )
    below = lines[place + 1]
    indent = below[: len(below) - len(below.lstrip())] or "  "
    lines.insert(place + 1, f"{indent}treasury: {_FILE}\n")
    return "".join(lines)


def _provenance() -> str:
    return "Federal Treasury, form 0503317; file, hash and day of reading stand in each row"


def _new_city(study: Study, city: str, subject: Region | None, form: Form) -> str:
    label = subject.label() if subject is not None else {}
    regions_told = ", ".join(
        f"{code}: {quoted(label.get(code, form.region))}" for code in study.file.languages
    )
    names = ", ".join(f"{code}: {quoted(city)}" for code in study.file.languages)
    district = (
        {}
        if subject is None
        else {
            "en": f"{subject.district_en} federal district",
            "ru": f"{subject.district_ru} федеральный округ",
        }
    )
    grouped = ", ".join(
        f"{c}: {quoted(district.get(c, district['en']))}" for c in study.file.languages if district
    )
    if subject is not None and _named([city]) == subject:  # the city stands for its whole region
        names = regions_told
    code = (
        form.oktmo
        if region_of(form.oktmo) is not None
        else f"{subject.oktmo:0<8}"
        if subject is not None
        else ""
    )
    lines = [
        "# Written by `cssp add`: the region's budgets from the Treasury's forms. Add the city's "
        "own files below.",
        f"name: {{{names}}}        # the city's name in each language",
        f"region: {{{regions_told}}}",
        *([f"group: {{{grouped}}}"] if grouped else []),
        f"oktmo: {quoted(code)}" if code else "# oktmo: not known",
        "synthetic: false",
        "",
        "desk:",
        f"  treasury: {_FILE}",
        "  # file: desk.csv           # figures collected by hand: population, programmes, ...",
        f"  provenance: {{source: {quoted(_provenance())}}}",
    ]
    return "\n".join(lines) + "\n"


def _readable(text: str, path: Path) -> None:
    """Refuse to write a `city.yaml` that could not be read again."""
    try:
        CityFile.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise RunError(
            f"{short_path(path)} could not be changed safely ({str(error).splitlines()[0]}); "
            "correct it and run the same command."
        ) from None
