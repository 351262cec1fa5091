"""A survey of a city with a known truth, for teaching and tests.

Every file it writes says that it is simulated.

The model is in the truth file: a respondent's attitude is normal; the latent answer to an ordinal
item is a location, plus the
shifts that fit the respondent's sector and city, plus the attitude times a loading, plus noise;
thresholds cut it into answers.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import StudyError, nearest
from cssp.study.questionnaire import Item
from cssp.study.read_yaml import in_language, read_yaml
from cssp.study.study import Study, load_study
from cssp.study.write_files import write_text

NOTE = "SIMULATED DATA: drawn by cssp.simulate from truth.yaml; no person gave these answers."


def simulate_city(study: Study, truth: dict[str, Any], city: str) -> pd.DataFrame:
    """Draw the answers of one city.

    Parameters
    ----------
    study : the study with its questionnaire
    truth : contents of the truth file
    city : which city; its sizes by sector and its shifts are in the truth file

    Returns
    -------
    One row a respondent: `respondent, sector`, then answers as `load_survey` returns them (codes,
    0/1, ranks), missing where the
    respondent was not asked or left a blank. The same seed gives the same answers.
    """
    names = list(truth["cities"])
    if city not in names:
        raise StudyError(f"The truth file has no city '{city}'; it has {', '.join(names)}.")
    rng = np.random.default_rng([int(truth["seed"]), names.index(city)])
    sizes = truth["cities"][city]["sizes"]
    sector = np.repeat(list(sizes), [int(count) for count in sizes.values()])
    order = rng.permutation(len(sector))
    sector = sector[order]
    draw = _Draw(study, truth, city, sector, rng)
    columns: dict[str, Any] = {
        "respondent": [f"{city[0].upper()}{number:03d}" for number in range(1, len(sector) + 1)],
        "sector": sector,
    }
    for section in study.questionnaire.sections:
        for item in section.items:
            columns.update(draw.item(item, section.name))
    return draw.filtered(pd.DataFrame(columns))


class _Draw:
    def __init__(
        self,
        study: Study,
        truth: dict[str, Any],
        city: str,
        sector: np.ndarray,
        rng: np.random.Generator,
    ) -> None:
        self.study, self.truth, self.city, self.sector, self.rng = study, truth, city, sector, rng
        self.n = len(sector)
        self.attitude = rng.standard_normal(self.n)

    def item(self, item: Item, section: str) -> dict[str, Any]:
        kind = {
            "ordinal": self.ordinal,
            "single": self.single,
            "multiple": self.multiple,
            "ranking": self.ranking,
        }
        if item.type == "ordinal":
            return {item.name: self.special(item, self.ordinal(item, section))}
        if item.type == "single":
            return {item.name: self.special(item, self.single(item))}
        if item.type == "numeric":
            range_of = self.truth["numeric"][item.name]
            spread = (range_of["sd"] / range_of["mean"]) ** 2
            years = self.rng.gamma(1 / spread, range_of["mean"] * spread, self.n)
            return {item.name: np.clip(np.round(years), item.minimum or 0, item.maximum or np.inf)}
        if item.type == "open":
            range_of = self.truth["open"][item.name]
            says = self.rng.random(self.n) < range_of["share"]
            texts = self.rng.choice(range_of["texts"], self.n)
            return {
                item.name: [text if said else None for text, said in zip(texts, says, strict=True)]
            }
        return dict(kind[item.type](item))  # type: ignore[operator]

    def ordinal(self, item: Item, section: str) -> np.ndarray:
        assert item.scale is not None
        truth = self.truth
        latent = np.full(self.n, float(truth.get("locations", {}).get(item.name, 0)))
        for shift in truth["shifts"]:
            fits = np.full(
                self.n, section in shift.get("sections", []) or item.name in shift.get("items", [])
            )
            if "sectors" in shift:
                fits &= np.isin(self.sector, shift["sectors"])
            if "cities" in shift:
                fits &= self.city in shift["cities"]
            latent += np.where(fits, float(shift["by"]), 0.0)
        loading = float(truth.get("loadings", {}).get(item.name, truth["loading"]))
        latent += loading * self.attitude + np.sqrt(1 - loading**2) * self.rng.standard_normal(
            self.n
        )
        cuts = np.searchsorted(truth["thresholds"][item.scale], latent)
        return np.array(self.study.questionnaire.scales[item.scale].codes, dtype=float)[cuts]

    def special(self, item: Item, answers: np.ndarray) -> np.ndarray:
        scale = self.study.questionnaire.scale_of(item)
        assert scale is not None
        chance = self.rng.random(self.n)
        hard = float(
            self.truth.get("hard_to_say", {}).get(item.name, self.truth["special"]["hard_to_say"])
        )
        refused = float(self.truth["special"]["refused"])
        blank = float(self.truth["blank"])
        edges = np.cumsum([hard, refused, blank])
        codes = [scale.code_meaning("hard_to_say"), scale.code_meaning("refused"), None]
        for low, high, code in zip([0.0, *edges], edges, codes, strict=False):
            drawn = float("nan") if code is None else float(code)
            answers = np.where((chance >= low) & (chance < high), drawn, answers)
        return answers

    def shares(self, kind: str, item: Item) -> np.ndarray:
        """Return each respondent's row of shares or weights.

        Those of the sector, or the default ones.
        """
        truth = self.truth[kind][item.name]
        return np.array(
            [truth.get(sector, truth["default"]) for sector in self.sector], dtype=float
        )

    def single(self, item: Item) -> np.ndarray:
        assert item.scale is not None
        edges = np.cumsum(self.shares("single", item), axis=1)
        place = (self.rng.random(self.n)[:, None] * edges[:, -1:] >= edges).sum(axis=1)
        codes = np.array(self.study.questionnaire.scales[item.scale].codes, dtype=float)
        return np.asarray(codes[place])

    def multiple(self, item: Item) -> dict[str, np.ndarray]:
        shares = self.shares("multiple", item)
        chosen = self.rng.random(shares.shape) < shares
        # an online form cannot tell "none of these" from a blank, so whoever is asked chooses at
        # least the commonest
        nothing = ~chosen.any(axis=1)
        chosen[nothing, shares[nothing].argmax(axis=1)] = True
        return {column: chosen[:, i].astype(float) for i, column in enumerate(item.columns)}

    def ranking(self, item: Item) -> dict[str, np.ndarray]:
        utility = self.shares("ranking", item) + self.rng.gumbel(size=(self.n, len(item.options)))
        place = (-utility).argsort(axis=1).argsort(axis=1) + 1.0
        places = item.ranks or len(item.options)
        # a few respondents rank one place fewer than they are asked to
        kept = places - (self.rng.random(self.n) < 0.08)
        place[place > kept[:, None]] = np.nan
        return {column: place[:, i] for i, column in enumerate(item.columns)}

    def filtered(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Take away the answers of those who would not have been asked."""
        for item in self.study.questionnaire.items:
            asked = pd.Series(True, index=answers.index)
            if item.asked_of:
                asked &= answers["sector"].isin(item.asked_of)
            if item.asked_if is not None:
                asked &= answers[item.asked_if.item].isin(item.asked_if.answers)
            answers.loc[~asked, item.columns] = np.nan
        return answers


def export_codes(study: Study, answers: pd.DataFrame) -> str:
    """Return the answers as a plain CSV: item names for headings, codes for answers."""
    table = answers.copy()
    for name in table.columns[2:]:
        if pd.api.types.is_float_dtype(table[name]):
            table[name] = table[name].astype("Int64")
    table["sector"] = table["sector"].map(
        {name: number for number, name in enumerate(study.sectors, 1)}
    )
    return f"# {NOTE}\n{table.to_csv(index=False, lineterminator=chr(10))}"


def export_labels(study: Study, answers: pd.DataFrame, language: str) -> str:
    """Return the answers as an online form exports them.

    Questions for headings, labels for answers, semicolons between.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    heads, columns = ["№", "Сектор"], [answers["respondent"].tolist()]
    sectors = {
        name: in_language(sector.label, language) for name, sector in study.file.sectors.items()
    }
    columns.append(answers["sector"].map(sectors).tolist())
    for item in study.questionnaire.items:
        wording = in_language(item.wording, language)
        scale = study.questionnaire.scale_of(item)
        options = [in_language(label, language) for label in item.options.values()]
        if item.type == "multiple":
            heads.append(wording)
            grid = answers[item.columns].to_numpy(dtype=float)
            columns.append(
                [", ".join(o for o, v in zip(options, row, strict=True) if v == 1) for row in grid]
            )
        elif item.type == "ranking":
            grid = answers[item.columns].to_numpy(dtype=float)
            for place in range(1, (item.ranks or len(options)) + 1):
                heads.append(f"{wording} [{place}]")
                columns.append(
                    [
                        "".join(o for o, v in zip(options, row, strict=True) if v == place)
                        for row in grid
                    ]
                )
        else:
            heads.append(wording)
            values = answers[item.name]
            if scale is not None:
                words = {e.code: in_language(e.label, language) for e in scale.entries}
                columns.append(["" if pd.isna(v) else words[int(v)] for v in values])
            elif item.type == "numeric":
                columns.append(["" if pd.isna(v) else f"{v:g}" for v in values])
            else:
                columns.append(["" if v is None or v is np.nan else str(v) for v in values])
    writer.writerow(heads)
    writer.writerows(zip(*columns, strict=True))
    return f"# {NOTE}\n" + out.getvalue()


def write_survey(folder: Path) -> list[Path]:
    """Write the simulated survey of every city that the study's truth file names.

    Return the files.
    """
    study = load_study(folder)
    truth, _ = read_yaml(folder / "truth.yaml")
    if unknown := check_truth(study, truth):
        raise StudyError(
            f"The truth file names '{unknown[0]}', which is no item. "
            f"{nearest(unknown[0], study.questionnaire.names())}"
        )
    written = []
    for city, truth_of_city in truth["cities"].items():
        answers = simulate_city(study, truth, city)
        text = (
            export_codes(study, answers)
            if truth_of_city["export"] == "codes"
            else export_labels(study, answers, "ru")
        )
        path = study.folder / "cities" / city / "survey.csv"
        write_text(path, text)
        written.append(path)
    return written


def check_truth(study: Study, truth: dict[str, Any]) -> list[str]:
    """Return the names in the truth file that the study does not know, e.g. a misspelt item."""
    known = set(study.questionnaire.names())
    named = [
        name
        for key in (
            "locations",
            "loadings",
            "hard_to_say",
            "single",
            "multiple",
            "ranking",
            "numeric",
            "open",
        )
        for name in truth.get(key, {})
    ]
    named += [name for shift in truth["shifts"] for name in shift.get("items", [])]
    return sorted({name for name in named if name not in known})
