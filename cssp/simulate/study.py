"""A study of as many cities as wanted, all of them simulated.

For rehearsals of large runs, for teaching, and for benchmarks.

Every city's file, its data and its name say that it is simulated. The survey is drawn by
`cssp.simulate.survey` with shifts of the city's own
(normal, known); the amounts of the desk study are those of a city of the default study times one
random factor; the interviews are the invented
ones of a city of the default study, each coding kept with a probability.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from cssp.simulate.survey import NOTE, export_codes, simulate_city
from cssp.study.city_file import InterviewSource
from cssp.study.problems import RunError, short_path
from cssp.study.read_yaml import read_yaml
from cssp.study.study import Study, load_study
from cssp.study.write_files import folder_in_place, write_text

#: Chance that a coding of the model city is kept in a simulated one.
KEPT = 0.9
#: Spread of a city's own shift of each section's answers, and of the logarithm of its amounts.
SHIFT, AMOUNTS = 0.35, 0.6


def simulate_study(
    folder: Path, cities: int, seed: int = 20240101, source: Study | None = None
) -> Path:
    """Write a study of simulated cities.

    Parameters
    ----------
    folder : the new study's folder; must not exist yet
    cities : how many
    seed : of every draw; the same seed writes the same files
    source : the study whose codebooks and truth it takes; left out: the default study

    Returns
    -------
    the folder

    Raises
    ------
    RunError
        The folder is there already, or the number is below two.

    Examples
    --------
    >>> simulate_study(Path("hundred"), 100)  # doctest: +SKIP
    """
    if folder.exists():
        raise RunError(f"{short_path(folder)} is there already; name a new folder.")
    if cities < 2:
        raise RunError(f"A study to compare has two cities or more, not {cities}.")
    model = source or load_study()
    names = [f"sim_{number:0{len(str(cities))}d}" for number in range(1, cities + 1)]
    with folder_in_place(folder) as work:
        _write_books(model, work, names)
        truth = _truth(model, names, seed)
        for number, name in enumerate(names):
            like = model.city(model.cities[number % len(model.cities)])
            _write_city(
                work / "cities" / name,
                model,
                truth,
                name,
                like.name,
                np.random.default_rng([seed, number]),
            )
    return folder


def _write_books(model: Study, work: Path, names: list[str]) -> None:
    content = read_yaml(model.folder / "study.yaml")[0]
    content.pop("context", None)  # the regions that come with the package
    for asked in content.get("questions", {}).values():  # nobody expected anything of these cities
        asked.pop("higher", None)
        asked.pop("source", None)
    content["title"] = {
        "en": f"{len(names)} simulated cities",
        "ru": f"Смоделированные города ({len(names)})",
    }
    content["cities"] = names
    content["peers_at_most"] = 3
    for name in ("questionnaire", "codes", "indicators", "prices", "regulation"):
        if content.get(name):
            shutil.copy(model.folder / content[name], work / content[name])
    if content.get("regulation"):  # the model cities' own acts are not those of simulated ones
        acts = pd.read_csv(work / content["regulation"], dtype=str, keep_default_na=False)
        _write_csv(work / content["regulation"], acts[acts["territory"] == ""], "")
    content.pop("successors", None)
    _write_yaml(work / "study.yaml", content, NOTE)


def _truth(model: Study, names: list[str], seed: int) -> dict[str, Any]:
    truth = dict(read_yaml(model.folder / "truth.yaml")[0])
    rng = np.random.default_rng(seed)
    truth["seed"] = seed
    truth["cities"] = {
        name: {"sizes": {sector: int(rng.integers(25, 45)) for sector in model.sectors}}
        for name in names
    }
    sections = [section.name for section in model.questionnaire.sections]
    own = [
        {"sections": [section], "cities": [name], "by": float(rng.normal(0, SHIFT))}
        for name in names
        for section in sections
    ]
    truth["shifts"] = [shift for shift in truth["shifts"] if "cities" not in shift] + own
    return truth


def _write_city(
    folder: Path,
    model: Study,
    truth: dict[str, Any],
    name: str,
    like: str,
    rng: np.random.Generator,
) -> None:
    shifts = [shift for shift in truth["shifts"] if name in shift.get("cities", [name])]
    answers = simulate_city(model, {**truth, "shifts": shifts}, name)
    write_text(folder / "survey.csv", export_codes(model, answers))
    content = read_yaml(model.folder / "cities" / like / "city.yaml")[0]
    number = name.removeprefix("sim_")
    simulated = {"source": "cssp.simulate; made up", "note": NOTE}
    content |= {
        "name": {"en": f"Simulated city {number}", "ru": f"Смоделированный город {number}"},
        "region": {"en": f"Simulated region {number}", "ru": f"Смоделированный регион {number}"},
        "oktmo": None,
        "synthetic": True,
    }
    content.pop("group", None)
    content["survey"] = {
        "file": "survey.csv",
        "status": "simulated",
        "provenance": simulated,
        "format": {"comment": "#"},
        "respondent": "respondent",
        "sector": {
            "column": "sector",
            "values": {str(place): sector for place, sector in enumerate(model.sectors, 1)},
        },
    }
    if content.get("desk"):
        content["desk"] = {
            "file": "desk.csv",
            "status": "simulated",
            "provenance": simulated,
            "format": {"comment": "#"},
        }
        _write_csv(folder / "desk.csv", _desk(model, like, rng), NOTE)
    interviews = model.city(like).source("interviews")
    if isinstance(interviews, InterviewSource):
        _copy_interviews(model.folder / "cities" / like, folder, interviews, rng)
    _write_yaml(folder / "city.yaml", content, NOTE)


def _desk(model: Study, like: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return the model city's indicators, each amount of money times the city's own factor."""
    source = model.city(like)
    desk = source.source("desk")
    files = [] if desk is None else desk.files()
    parts = [
        pd.read_csv(source.path(file), dtype=str, keep_default_na=False, comment="#")
        for file in files
    ]
    table = pd.concat(parts, ignore_index=True).fillna("")
    known = [
        "municipality",
        "oktmo",
        "level",
        "kind",
        "year",
        "indicator",
        "value",
        "unit",
        "basis",
        "status",
        "units",
    ]
    table = table.reindex(columns=known, fill_value="")
    table["municipality"] = table["municipality"].where(
        table["municipality"] == "", "Simulated municipality"
    )
    table["oktmo"] = ""
    table["status"] = table["status"].where(
        table["status"] == "unknown", "estimated"
    )  # nothing here was observed
    money = (table["unit"] == "RUB") & (table["value"] != "")
    factor = float(np.exp(rng.normal(0, AMOUNTS)))
    wobble = np.exp(rng.normal(0, 0.1, int(money.sum())))
    table.loc[money, "value"] = (
        (table.loc[money, "value"].astype(float) * factor * wobble).round(2).astype(str)
    )
    return table.assign(source="simulated by cssp.simulate", note="made up")


def _copy_interviews(
    source: Path, folder: Path, pattern: InterviewSource, rng: np.random.Generator
) -> None:
    if pattern.texts:
        shutil.copytree(source / pattern.texts, folder / pattern.texts)
    for name in (pattern.attributes, pattern.pseudonyms):
        if name:
            shutil.copy(source / name, folder / name)
    if pattern.segments:
        lines = (source / pattern.segments).read_text(encoding="utf-8").splitlines(keepends=True)
        head = [line for line in lines if line.startswith("#")]
        rows = lines[len(head) + 1 :]
        keep = rng.random(len(rows)) < KEPT
        kept = [row for row, wanted in zip(rows, keep, strict=True) if wanted]
        write_text(folder / pattern.segments, "".join([*head, lines[len(head)], *kept]))


def _write_csv(path: Path, table: pd.DataFrame, note: str) -> None:
    out = io.StringIO()
    table.to_csv(out, index=False, lineterminator="\n")
    write_text(path, (f"# {note}\n" if note else "") + out.getvalue())


def _write_yaml(path: Path, content: dict[str, Any], note: str) -> None:
    write_text(
        path, f"# {note}\n{yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=160)}"
    )
