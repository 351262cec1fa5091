"""The command `cssp tables`: every question against a banner, for Excel or Word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cssp.cli.options import Cities, Language, StudyOption
from cssp.cli.speech import opened, say

tables = typer.Typer()

#: Level of the letters, and how many answers a column needs to be compared.
LEVEL, LEAST = 0.05, 30


@tables.command("tables")
def write_tables(
    cities: Cities = None,
    banner: Annotated[
        str,
        typer.Option(
            "--banner",
            help="Columns: sector, city, wave or an item, with commas; city:sector nests.",
        ),
    ] = "",
    item: Annotated[
        list[str] | None, typer.Option("--item", help="Only this question; may be repeated.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write: .xlsx or .docx.")
    ] = Path("tables.xlsx"),
    study: StudyOption = "",
    language: Language = "",
    topline: Annotated[
        bool,
        typer.Option(
            "--topline", help="Each city's answers with intervals, a page a question in Word."
        ),
    ] = False,
    wave: Annotated[str, typer.Option("--wave", help="Of a survey held several times.")] = "",
) -> None:
    """Write each question against a banner: column shares, means, balances, significance letters.

    Example: cssp tables --banner sector,city,city:sector -o tables.xlsx -l ru
    """
    from cssp.show.export import export_tables
    from cssp.show.labels import Labels
    from cssp.study.problems import RunError, nearest
    from cssp.survey.banner_pages import banner_views, letters_note
    from cssp.survey.banner_tables import banner_table
    from cssp.survey.load import load_survey

    loaded = opened(study)
    labels = Labels(loaded, language or loaded.file.languages[0])
    names = loaded.cities_with("survey", list(cities or loaded.cities))
    answers = load_survey(loaded, names).of_wave(wave)
    known = loaded.questionnaire.names("ordinal", "single", "multiple")
    for name in item or []:
        if name not in known:
            raise RunError(f"There is no question '{name}' with answers. {nearest(name, known)}")
    chosen = [one.strip() for one in banner.split(",") if one.strip()]
    if topline or not chosen:
        several = loaded.has_cities and len(names) > 1
        chosen = ["city"] if several else [] if topline else ["sector"]
        chosen += ["sector"] if not topline and several and loaded.file.sectors else []
    table = banner_table(
        answers,
        item or known,
        chosen,
        loaded.file.smallest_cell,
        "weight" if "weight" in answers else None,
        LEVEL,
        loaded.file.corrections.method,
        LEAST,
    )
    made_up = labels.data_note(["survey"], names)
    note = "" if topline else letters_note(labels, LEVEL, LEAST)
    views = list(banner_views(table, labels, f"{note} {made_up}".strip(), topline))
    if output.suffix.casefold() == ".docx":  # one after another: how to read them is said once
        for view in views[1:]:
            view.note = made_up
    export_tables(views, labels, output, apart=topline)
    say(f"{len(views)} tables written to {output}.")
