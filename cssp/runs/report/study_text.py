"""What the study's document says, block by block: text, tables and figures of its cities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cssp.runs.report.notebook_results import Shown, read_cells, read_saved, shown_by
from cssp.show.labels import Labels
from cssp.study.read_yaml import in_language


@dataclass(frozen=True)
class Block:
    """A part of the document.

    Attributes
    ----------
    kind : heading, text, reading (Markdown), table or figure
    text : what it says; of a table or figure its name
    results : where a table or figure is from
    names : of a sentence that points at tables and figures: at which
    """

    kind: str
    text: str
    results: Results | None = None
    names: tuple[str, ...] = ()


#: Columns of the document's tables: an upright page has room for few.
COLUMNS = {
    "perception_differences": ("rater", "rated", "second", "estimate_first", "estimate_second",
                               "gap", "ci_low", "ci_high", "p_adjusted"),
    "prevalence_gaps": ("code", "second", "named_first", "n_first", "named_second", "n_second",
                        "gap", "ci_low", "ci_high"),
    "respondents": ("city", "sector", "n"),
    "support_per_resident": ("region", "level", "year", "rate", "basis", "denominator_year"),
}  # fmt: skip


class Results:
    """What the notebooks of a folder show: tables, figures, and what is said of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown: dict[tuple[str, str], Shown] = {}
        self.after: dict[str, str] = {}
        self.before: dict[str, str] = {}
        for path in sorted(folder.glob("*.ipynb")):
            last, said = "", ""
            for cell in read_cells(path):
                for output in cell.get("outputs", []):
                    shown = shown_by(output)
                    text = output.get("data", {}).get("text/markdown", "")
                    if shown is not None:
                        self.shown.setdefault((shown.kind, shown.name), shown)
                        self.before.setdefault(shown.name, said)
                        last = shown.name
                    elif text:
                        self.after.setdefault(last, text)
                        said = text

    def block(self, kind: str, name: str) -> Iterator[Block]:
        """Yield a table or figure, where there is one with something in it."""
        if (kind, name) in self.shown and (kind == "figure" or len(read_saved(self.folder, name))):
            yield Block(kind, name, self)

    def named(self, *wanted: str) -> Iterator[Block]:
        """Yield a sentence that points at those of some tables and figures that there are."""
        blocks = [one for name in wanted for one in self.block(*name.split(":"))]
        if blocks:
            yield Block("text", "", self, tuple(f"{one.kind}:{one.text}" for one in blocks))


def reading(text: str) -> Iterator[Block]:
    """Yield what is said of a table or figure, where something is."""
    if text.strip():
        yield Block("reading", text)


def study_blocks(
    labels: Labels, city: Results, in_short: list[str], notes: list[str]
) -> Iterator[Block]:
    """Yield the document's blocks.

    Parameters
    ----------
    labels : the reader's words
    city : results of the city that is set against the others
    in_short : the answers to the study's questions
    notes : what is said of made-up data
    """
    words = labels.words
    yield from (Block("notice", note) for note in notes)
    if in_short:
        yield Block("heading", words("Abstract"))
        yield from (Block("reading", text) for text in in_short)
    yield Block("contents", "")
    yield from _introduction(labels)
    yield Block("heading", words("Data and methods"))
    yield from _methods(labels, city)
    if city.shown.keys() & {("figure", "places"), ("table", "support_per_resident")}:
        yield Block("heading", words("The money"))
        yield from city.named("figure:places", "table:support_per_resident")
        yield from reading(city.before.get("places", ""))
        yield from city.block("figure", "places")
        yield from city.block("table", "support_per_resident")
        yield from reading(city.after.get("support_per_resident", ""))
    if ("figure", "perception") in city.shown:
        yield Block("heading", words("How the sectors see each other"))
        yield from city.named("figure:perception", "table:perception_differences")
        yield from city.block("figure", "perception")
        yield from reading(city.after.get("perception_differences", ""))
        yield from city.block("table", "perception_differences")
        yield from reading(city.after.get("city_against_city", ""))
        yield from city.block("figure", "answers")
    if ("figure", "prevalence") in city.shown:
        yield Block("heading", words("What the interviews name"))
        yield from city.named("figure:prevalence", "table:prevalence_gaps")
        yield from reading(city.after.get("agreement", ""))
        yield from reading(city.after.get("prevalence", ""))
        yield from city.block("figure", "prevalence")
        yield from city.block("table", "prevalence_gaps")
        yield from reading(city.after.get("prevalence_gaps", ""))
    if ("figure", "joint_display") in city.shown:
        yield Block("heading", words("The three kinds of evidence together"))
        yield from city.named("figure:joint_display")
        yield from city.block("figure", "joint_display")
        yield from reading(city.after.get("joint_display", ""))
    yield from _conclusion(labels, city)
    yield Block("heading", words("Limits"))
    yield Block(
        "text",
        words(
            "Experts and interviewed heads were chosen, not drawn, so intervals say how much the "
            "answers of so many people vary by chance and nothing of all townspeople or all "
            "non-profits. The desk study speaks of the region, the survey and the interviews of "
            "the city. Where no difference is found, one may exist that so few answers cannot "
            "show. All items, codes and tables in full stand in the appendix of each city."
        ),
    )


def _introduction(labels: Labels) -> Iterator[Block]:
    """Yield why the study was made, and what it asks and expects."""
    words, study = labels.words, labels.study
    if study.file.introduction is None and not study.file.questions:
        return
    yield Block("heading", words("Introduction"))
    if study.file.introduction is not None:
        yield Block("text", in_language(study.file.introduction, labels.language))
    lines = []
    for question in study.file.questions.values():
        line = f"- {in_language(question.label, labels.language)}"
        if question.higher:
            expected = words("Expected: {city} higher.", city=labels.city(question.higher))
            line += f" {expected}"
        lines.append(line)
    if lines:
        yield Block("text", words("The study asks:"))
        yield Block("reading", "\n".join(lines))


def _conclusion(labels: Labels, city: Results) -> Iterator[Block]:
    """Yield which questions are answered and which are not, by the verdicts."""
    words = labels.words
    found = read_saved(city.folder, "findings")
    if "verdict" not in found or not len(found):
        return
    yield Block("heading", words("Conclusion"))
    told = {
        "counted": words("Counted in full, without chance"),
        "clear": words("Answered clearly"),
        "opposite": words("Against what was expected"),
        "not_clear": words("Not clear at this size, which is no proof of likeness"),
        "unknown": words("Without an answer"),
    }
    for verdict, what in told.items():
        names = [
            _quoted(in_language(labels.study.file.questions[name].label, labels.language), labels)
            for name in found.loc[found["verdict"] == verdict, "question"]
            if name in labels.study.file.questions
        ]
        if names:
            count = words.number(len(names))
            yield Block("text", f"{what}: {count} ({words.listed(names)}).")


def _quoted(text: str, labels: Labels) -> str:
    """Return a question as it is quoted in the reader's language, quotations within it apart."""
    if labels.language == "ru":
        return f"«{text.translate(str.maketrans('«»', '„“'))}»"
    return f"“{text.translate(str.maketrans('“”', '‘’'))}”"


def _methods(labels: Labels, city: Results) -> Iterator[Block]:
    words, study = labels.words, labels.study
    yield Block(
        "text",
        words(
            "The study sets kinds of evidence side by side without mixing them: what acts and "
            "budgets say, how experts of the sectors rate each other and the partnership, and "
            "which barriers heads of non-profits name. It looks at {cities}. Its questions stand "
            "in the study's file; each is answered by one number for each city, their difference "
            "with its interval, and a verdict that follows from these by rule.",
            cities=words.listed([labels.city(name) for name in study.cities[:12]]),
        ),
    )
    if ("table", "support_per_resident") in city.shown:
        yield Block(
            "text",
            words(
                "**Money.** Support of non-profits is what the study's codebook of indicators "
                "counts as such, by budget level, from the sources that the tables name. Amounts "
                "of several regions are compared per resident; they are a full count, so nothing "
                "is tested."
            ),
        )
    if ("table", "respondents") in city.shown:
        corrected = (
            words("Holm's procedure [@holm1979]")
            if study.file.corrections.method == "holm"
            else words("the study's procedure")
        )
        yield Block(
            "text",
            words(
                "**Survey.** {table:respondents} says who was asked; groups with fewer than "
                "{smallest} respondents are not shown. The balance of an item is the share of "
                "positive answers less the share of negative ones, in points. How one sector "
                "rates another is the mean of the balances of the items on it, with an interval "
                "from respondents; cities are compared by Welch's test [@welch1947]. Answers to "
                "one item are compared by the rank-biserial correlation, which is Cliff's delta "
                "[@cliff1993], with the interval of DeLong and others [@delong1988]. p is "
                "corrected by {corrected}: over the tested questions of the study in the abstract, "
                "over the cells of a table or the study's families of items elsewhere."
            )
            .replace("{smallest}", words.number(study.file.smallest_cell))
            .replace("{corrected}", corrected),
        )
        yield from city.block("table", "respondents")
    if ("table", "agreement") in city.shown:
        rule = (
            words("all its coders marked it")
            if study.file.naming_rule == "all"
            else words("at least one of its coders marked it")
        )
        yield Block(
            "text",
            words(
                "**Interviews.** {count} interviews were coded. An interview names a code when "
                "{rule}. Agreement of the coders is Krippendorff's alpha [@krippendorff2004; "
                "@hayes2007]; shares of interviews have Wilson's intervals [@wilson1927], their "
                "differences Newcombe's [@newcombe1998], tests are Boschloo's [@boschloo1970]."
            )
            .replace("{count}", words.number(_interviews(city)))
            .replace("{rule}", rule),
        )
    if ("figure", "joint_display") in city.shown:
        yield Block(
            "text",
            words(
                "**Joint display.** The kinds of evidence are set side by side theme by theme "
                "[@guetterman2015]; a kind speaks for a theme only where it shows a direction."
            ),
        )


def _interviews(city: Results) -> int:
    table: pd.DataFrame = read_saved(city.folder, "interviews")
    return int(table["interviews"].sum()) if "interviews" in table else 0


def numbered(blocks: list[Block]) -> Mapping[tuple[str, str], int]:
    """Return the number of each table and figure, in their order."""
    found: dict[tuple[str, str], int] = {}
    counts = {"table": 0, "figure": 0}
    for block in blocks:
        if block.kind in counts:
            counts[block.kind] += 1
            found[block.kind, block.text] = counts[block.kind]
    return found
