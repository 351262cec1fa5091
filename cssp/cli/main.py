"""The command `cssp`: a thin wrapper; everything heavy is imported when a command needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cssp.cli.add import adding
from cssp.cli.interviews import interviews
from cssp.cli.options import (
    Cities,
    Delimiter,
    Encoding,
    HeaderRow,
    HeadingRows,
    Layout,
    Sheet,
    StudyOption,
    Where,
    errors,
    form_of,
    print_problems,
    rows_of,
)
from cssp.cli.results import results
from cssp.cli.runs import runs
from cssp.cli.speech import (
    heard,
    opened,
    read_as,
    say,
    say_comments,
    say_usage,
    speak,
    speak_from,
    translate_help,
)
from cssp.cli.tables import tables

if TYPE_CHECKING:
    import pandas as pd

    from cssp.study.study import Study

app = typer.Typer(
    help="CSSP: the study of cross-sector social partnership in cities, repeatable for any city.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

#: What typer raises where a line is wrong.
USAGE: Any = typer.BadParameter.__base__

app.add_typer(adding)
app.add_typer(runs)
app.add_typer(results)
app.add_typer(interviews)
app.add_typer(tables)


def main() -> None:
    """Run the command; whatever the user can cause becomes one clear sentence and exit code 2."""
    from concurrent.futures.process import BrokenProcessPool

    from cssp.study.problems import CsspError

    command = typer.main.get_command(app)
    try:
        speak_from(sys.argv[1:])
        translate_help(command)
        sys.exit(command(standalone_mode=False))
    except USAGE as error:
        say_usage(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        say("Interrupted.", err=True)
        sys.exit(1)
    except BrokenProcessPool:
        say(
            "A process of this run was ended by the system, perhaps for want of memory. Run the "
            "same command to go on, with fewer jobs (-j).",
            err=True,
        )
        sys.exit(1)
    except CsspError as error:
        say(error, err=True)
        sys.exit(2)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(
            f"{place}{error.strerror or error}. Name another file or folder, or correct its "
            "rights.",
            err=True,
        )
        sys.exit(2)
    except KeyboardInterrupt:
        say("Interrupted; what is finished was kept. Run the same command to go on.", err=True)
        sys.exit(130)


def _told_version(wanted: bool) -> None:
    if wanted:
        from cssp import __version__

        say(f"cssp {__version__}")
        raise typer.Exit


def _spoken(code: str) -> str:
    speak(code)
    return code


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_told_version, is_eager=True, help="Say the version and stop."
        ),
    ] = False,
    language: Annotated[
        str,
        typer.Option(
            "--language",
            callback=_spoken,
            is_eager=True,
            metavar="CODE",
            help="Language of messages and help: en or ru; left out: CSSP_LANGUAGE, else the "
            "system's or the study's.",
        ),
    ] = "",
) -> None:
    """Study cross-sector social partnership in cities.

    Desk study, expert survey, interviews, from files to report.
    """


@app.command()
def check(
    cities: Cities = None,
    study: StudyOption = "",
    csv: Annotated[
        str, typer.Option("--csv", help="Also write the table of problems to this file.")
    ] = "",
) -> None:
    """List every problem of a study's files at once.

    File, row, column, value, what is wrong, what to do.
    """
    the_study, table = _checked(cities or [], study)
    if csv:
        from cssp.study.write_files import write_text

        write_text(Path(csv), table.to_csv(index=False, lineterminator="\n"))
    if the_study is not None and not errors(table):
        from cssp.draft.check import files_read

        say("How the files are read:")
        for row in files_read(the_study, cities or None).itertuples():
            say(f"  {row.file}: {read_as(row.read_as)}; {row.rows} rows, {row.columns} columns")
    print_problems(table)
    if errors(table):
        raise typer.Exit(2)


@app.command()
def intake(
    cities: Cities = None,
    study: StudyOption = "",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the page and its tables.")
    ] = Path("intake"),
    language: Annotated[
        str, typer.Option("--language", "-l", help="Of the page; left out: the study's first.")
    ] = "",
) -> None:
    """Write what every value of the survey's files became, and on which evidence.

    A page and its tables for whoever holds the files; their counts are not suppressed.
    """
    from cssp.draft.intake_page import write_intake

    for path in write_intake(opened(study), output, cities or None, language):
        typer.echo(path)


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="The new study's folder.")],
    cities: Annotated[int, typer.Option("--cities", min=2, help="How many cities.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Start of every random draw.")] = 20240101,
) -> None:
    """Write a study of simulated cities, to rehearse a large run or to teach with.

    Every file says that it is simulated.

    Example: cssp simulate hundred --cities 100 && cssp run --study hundred
    """
    from cssp.simulate.study import simulate_study

    say(f"{cities} simulated cities written to {simulate_study(folder, cities, seed)}.")


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="The new study's folder.")]) -> None:
    """Write an empty, commented study to start from."""
    from cssp.draft.new_study import new_study

    for path in new_study(folder):
        typer.echo(path)
    say(f"Next: edit these files, then `cssp check --study {folder}`.")


@app.command("draft-questionnaire")
def draft_questionnaire(
    survey: Annotated[Path, typer.Argument(help="The survey's file, or an XLSForm.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The YAML file to write; left out: questionnaire.yaml."
        ),
    ] = None,
    language: Annotated[
        str,
        typer.Option(
            "--language",
            "-l",
            help="Language of the labels, e.g. ru; left out: labels without language.",
        ),
    ] = "",
    study: Annotated[
        str,
        typer.Option("--study", help="Take the draft into this study, as its questionnaire.yaml."),
    ] = "",
    where: Where = None,
    layout: Layout = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    sheet: Sheet = "",
    header_row: HeaderRow = 0,
    heading_rows: HeadingRows = 0,
) -> None:
    """Write a first questionnaire.yaml from a survey's file.

    Its questions, answer scales and options, to be finished by hand.
    """
    from cssp.draft.questionnaire import draft_questionnaire as draft
    from cssp.draft.questionnaire import into_study
    from cssp.study.problems import RunError

    if study and output:
        raise RunError("Name either --study or --output: a study has its own questionnaire.yaml.")
    target = into_study(study) if study else output or Path("questionnaire.yaml")
    form = form_of(layout, encoding, delimiter, sheet, header_row, heading_rows)
    table, wrote, left_out = draft(survey, target, language, form, rows_of(where), bool(study))
    say_comments(target)
    say(f"{survey.name} was taken for {wrote}.")
    for kind, count in table["type"].value_counts(sort=False).items():
        say(f"  {kind}: {count}")
    if left_out:
        say(f"Left out, because they may point at a person: {'; '.join(left_out)}")
    say(
        f"{len(table)} items written to {target}; {int((table['doubt'] != '').sum())} want a "
        "decision. Look for TODO in the file."
    )


@app.command()
def export(
    target: Annotated[
        Path,
        typer.Argument(
            help="The file to write: .sav or .csv (survey), .qdpx (interviews) or .qdc (their "
            "codes)."
        ),
    ],
    cities: Annotated[
        list[str] | None, typer.Option("--city", help="Only this city; may be repeated.")
    ] = None,
    study: StudyOption = "",
    language: Annotated[
        str,
        typer.Option(
            "--language", "-l", help="Language of the labels; left out: the study's first."
        ),
    ] = "",
    tool: Annotated[
        str,
        typer.Option(
            "--for",
            help="Of interviews: the tool that will read them, e.g. nvivo, which counts an emoji "
            "as two characters.",
        ),
    ] = "",
) -> None:
    """Write the survey's answers for SPSS (.sav) or as CSV with a codebook.

    Or the interviews for a coding tool (.qdpx, .qdc). These are people's words: keep them safe.
    """
    from cssp.interviews.exchange.line_ends import counting_of
    from cssp.interviews.export import export_interviews
    from cssp.survey.export import export_survey

    loaded = opened(study)
    if target.suffix.casefold() in (".qdpx", ".qde", ".qdc"):
        typer.echo(export_interviews(loaded, target, cities or None, language, counting_of(tool)))
        return
    for path in export_survey(loaded, target, cities or None, language):
        typer.echo(path)


@app.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="Folder for the schemas.")] = Path("schemas"),
) -> None:
    """Write JSON Schemas of a study's files, so that an editor completes and checks the YAML."""
    import json

    from pydantic import BaseModel

    from cssp.study.city_file import CityFile
    from cssp.study.code_system import CodeSystem
    from cssp.study.indicator_book import IndicatorBook
    from cssp.study.questionnaire import Questionnaire
    from cssp.study.study_file import StudyFile
    from cssp.study.write_files import write_text

    models: dict[str, type[BaseModel]] = {
        "study": StudyFile,
        "city": CityFile,
        "questionnaire": Questionnaire,
        "codes": CodeSystem,
        "indicators": IndicatorBook,
    }
    for name, model in models.items():
        schema = _with_plain_labels(model.model_json_schema())
        _name_services(schema)
        path = folder / f"{name}.schema.json"
        write_text(path, json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
        typer.echo(path)


def _name_services(schema: dict[str, Any]) -> None:
    """List the survey services under `layout`, so that an editor can complete their names."""
    from cssp.tables.service import services

    if layout := schema.get("$defs", {}).get("Format", {}).get("properties", {}).get("layout"):
        layout["anyOf"][0]["enum"] = list(services())


def _with_plain_labels(part: Any) -> Any:
    """Let a label be one text as well as a text in each language, as the loader does."""
    if isinstance(part, list):
        return [_with_plain_labels(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    changed = {key: _with_plain_labels(value) for key, value in part.items()}
    if (
        changed.get("type") == "object"
        and changed.get("additionalProperties") == {"type": "string"}
        and "patternProperties" not in changed
    ):
        title = changed.pop("title", None)
        label: dict[str, Any] = {"anyOf": [changed, {"type": "string"}]}
        return {**label, "title": title} if title else label
    return changed


def _checked(cities: list[str], folder: str) -> tuple[Study | None, pd.DataFrame]:
    """Return the study (None when study.yaml itself is wrong) and the table of its problems."""
    from cssp.draft.check import check as find
    from cssp.runs.elsewhere.addresses import study_at
    from cssp.study.problems import CsspError, problem_table

    try:
        study = heard(study_at(folder))
    except CsspError as error:
        if not error.problems:
            raise
        return None, problem_table(error.problems)
    return study, find(study, cities or None)
