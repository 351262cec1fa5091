"""The command `cssp add`: files of any kind into a city of the study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cssp.cli.options import (
    Delimiter,
    Encoding,
    HeaderRow,
    HeadingRows,
    Layout,
    Sheet,
    StudyOption,
    Where,
    form_of,
    rows_of,
)
from cssp.cli.speech import opened, say, say_comments

adding = typer.Typer()


@adding.command()
def add(
    city: Annotated[str, typer.Argument(help="Name of the city's folder, e.g. vyborg.")],
    forms: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FORM]...", help="Further forms after --treasury."),
    ] = None,
    survey: Annotated[
        Path | None,
        typer.Option("--survey", help="The survey's file: .csv, .xlsx, .xls, .sav, .parquet."),
    ] = None,
    interviews: Annotated[
        Path | None,
        typer.Option(
            "--interviews",
            help="Coded interviews: .qdpx, .qde, QualCoder's .qda, Taguette's .sqlite3, or a table "
            "of segments.",
        ),
    ] = None,
    transcripts: Annotated[
        Path | None,
        typer.Option(
            "--transcripts",
            help="Transcripts that nobody has coded yet: a folder, or a file (.docx, .odt, .txt, "
            ".pdf).",
        ),
    ] = None,
    attributes: Annotated[
        Path | None,
        typer.Option(
            "--attributes", help="With --transcripts: a table of dates, order and the like."
        ),
    ] = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option(
            "--speaker",
            metavar="LABEL=ROLE",
            help="With --transcripts: interviewer, respondent or other, e.g. Анна=interviewer; "
            "repeat.",
        ),
    ] = None,
    treasury: Annotated[
        list[Path] | None,
        typer.Option(
            "--treasury",
            help="The Treasury's form 0503317 (.xls, .xlsx) of the city's region; several: one a "
            "year.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table",
            help="A table of the desk study: figures of municipalities, a register of grants, a "
            "list of acts (.xlsx, .csv, .docx).",
        ),
    ] = None,
    table_of: Annotated[
        str,
        typer.Option(
            "--table-of",
            metavar="figures|grants|acts",
            help="With --table: what it holds; left out: told.",
        ),
    ] = "",
    heading: Annotated[
        list[str] | None,
        typer.Option(
            "--heading",
            metavar="WHAT=HEADING",
            help="In a table of segments: what stands under a heading, e.g. code=Шифр; repeat.",
        ),
    ] = None,
    separator: Annotated[
        str, typer.Option("--separator", help="In a table of segments: between group and code.")
    ] = "",
    coder: Annotated[
        str, typer.Option("--coder", help="In a table of segments: who coded, if it does not say.")
    ] = "",
    study: StudyOption = "",
    respondent: Annotated[
        str, typer.Option("--respondent", help="Column that identifies a respondent.")
    ] = "",
    sector: Annotated[str, typer.Option("--sector", help="Column of the sector.")] = "",
    where: Where = None,
    layout: Layout = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    sheet: Sheet = "",
    header_row: HeaderRow = 0,
    heading_rows: HeadingRows = 0,
    region: Annotated[
        str, typer.Option("--region", help="The region, to check the forms against; any spelling.")
    ] = "",
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Let a form take the place of another of the same year, coded interviews that of "
            "the transcripts.",
        ),
    ] = False,
    unbalanced: Annotated[
        bool,
        typer.Option(
            "--unbalanced", help="Take forms whose sums do not add up; their rows say so."
        ),
    ] = False,
) -> None:
    """Add a city.

    Its survey, with a proposal of how the columns map to the questionnaire, its coded interviews,
    tables of the desk study, or the Treasury's forms of its region.

    Example: cssp add vyborg --treasury 0503317_2021.xls 0503317_2022.xls
    """
    from cssp.study.problems import RunError

    if not (survey or interviews or transcripts or treasury or table):
        raise RunError(
            "Say what to add: --survey FILE, --interviews FILE, --transcripts FOLDER, --table "
            "FILE, or --treasury FORM..."
        )
    form = form_of(layout, encoding, delimiter, sheet, header_row, heading_rows)
    if treasury:
        _add_forms(city, [*treasury, *(forms or [])], study, region, replace, unbalanced)
    elif forms:
        raise RunError(
            f"'{forms[0]}' is given twice or without an option; forms stand after --treasury."
        )
    if table is not None:
        _add_table(city, table, study, form, table_of)
    if survey is not None:
        _add_survey(city, survey, study, respondent, sector, form, rows_of(where))
    if interviews is not None:
        _add_interviews(city, interviews, study, rows_of(heading), separator, coder, replace)
    if transcripts is not None:
        _add_transcripts(city, transcripts, study, attributes, rows_of(speaker))


def _add_table(city: str, table: Path, study: str, form: dict[str, Any], kind: str) -> None:
    from cssp.draft.desk import add_table
    from cssp.study.problems import RunError

    if kind not in ("", "figures", "grants", "acts"):
        raise RunError(f"--table-of says one of figures, grants, acts; '{kind}' is none of them.")
    added = add_table(opened(study), city, table, form, kind or None)  # type: ignore[arg-type]
    if added.kind != "acts":
        say_comments(added.path)
    for what, name in added.told:
        say(f"  {what}: {name or 'NOT RECOGNISED'}")
    for note in added.notes:
        say(f"note: {note}", err=True)
    option = f" --study {study}" if study else ""
    what = {
        "figures": "a table of figures",
        "grants": "a register of grants",
        "acts": "a list of acts",
    }[added.kind]
    say(
        f"{table.name} was taken for {what}. Written: {added.path}. Look at it, then `cssp "
        f"check {city}{option}`."
    )


def _add_transcripts(
    city: str, place: Path, study: str, attributes: Path | None, roles: dict[str, str]
) -> None:
    from cssp.draft.transcripts import add_transcripts

    path, project, report = add_transcripts(opened(study), city, place, attributes, roles)
    say_comments(path)
    for row in report.intake.itertuples():
        if not row.interview:
            say(f"  {row.file}: {row.left_out}", err=True)
            continue
        parts = [
            f"{row.turns} turns of {row.speakers} (by {row.told_by})"
            if row.told_by
            else "SPEAKERS NOT FOUND, kept as one text",
            f"{row.asked} of the interviewer",
            f"{row.words} words of answers",
            f"{row.before} lines before the first turn" if row.before and row.told_by else "",
            f"{row.times} times of the recording taken out" if row.times else "",
            f"kept as text: {row.doubtful} (a speaker? say --speaker LABEL=ROLE)"
            if row.doubtful
            else "",
            f"left out: {row.left_out}" if row.left_out else "",
        ]
        say(f"  {row.file} ({row.read_as}): {'; '.join(part for part in parts if part)}")
    for label, role in report.speakers.items():
        say(f"  speaker {label}: {role or 'TODO, ' + report.hints[label]}")
    option = f" --study {study}" if study else ""
    say(
        f"{len(report.texts)} transcripts written to {project}, {path} names them. Look at "
        f"'speakers' there, code the project in a tool, then `cssp add {city} --interviews "
        f"CODED.qdpx --replace{option}`."
    )


def _add_interviews(
    city: str,
    interviews: Path,
    study: str,
    headings: dict[str, str],
    separator: str,
    coder: str,
    replace: bool,
) -> None:
    from pydantic import ValidationError

    from cssp.draft.interviews import add_interviews
    from cssp.study.city_file import SegmentTable
    from cssp.study.problems import RunError

    table = None
    if headings or separator or coder:
        as_given = {"headings": headings, "separator": separator or None, "coder": coder}
        try:
            table = SegmentTable.model_validate(as_given)
        except ValidationError:
            known = "interview, code, coder, quotation, start, end, created"
            raise RunError(f"--heading says one of {known}, as in code=Шифр.") from None
    path, proposal, warnings = add_interviews(opened(study), city, interviews, table, replace)
    for warning in warnings:
        say(f"warning: {warning}", err=True)
    for row in proposal.itertuples():
        say(f"  {row.path}: {row.name or 'NOT FOUND'} ({row.codings} codings)")
    missing = int((proposal["name"] == "").sum())
    option = f" --study {study}" if study else ""
    say(
        f"{len(proposal) - missing} of {len(proposal)} codes matched. Written: {path}. Look at it, "
        f"then `cssp check {city}{option}`."
    )


def _add_survey(
    city: str,
    survey: Path,
    study: str,
    respondent: str,
    sector: str,
    form: dict[str, Any],
    where: dict[str, str],
) -> None:
    from cssp.draft.survey import add_city

    path, proposal, wrote, notes = add_city(
        opened(study), city, survey, respondent, sector, form, where
    )
    say_comments(path)
    for row in proposal.itertuples():
        found = f"{row.columns} (by {row.matched_by})" if row.matched_by else "NOT FOUND"
        strange = f"; values to map: {row.unmatched}" if row.unmatched else ""
        doubt = f"; TODO: {row.doubt}" if row.doubt else ""
        say(f"  {row.item}: {found}{strange}{doubt}")
    for note in notes:
        say(f"note: {note}", err=True)
    say(f"{survey.name} was taken for {wrote}.")
    missing = int((proposal["matched_by"] == "").sum())
    option = f" --study {study}" if study else ""
    say(
        f"{len(proposal) - missing} of {len(proposal)} items matched. Written: {path}. Look at it, "
        f"then `cssp check {city}{option}`."
    )


def _add_forms(
    city: str, files: list[Path], study: str, region: str, replace: bool, unbalanced: bool
) -> None:
    from cssp.desk.treasury.spending import npo_spending
    from cssp.draft.treasury import add_forms

    the_study = opened(study)
    forms, written = add_forms(the_study, city, files, region, replace, unbalanced)
    treasury = the_study.indicators.treasury
    for form in forms:
        failed, compared = int(form.checks["failed"].sum()), int(form.checks["compared"].sum())
        state = "all add up" if not failed else f"{failed} do NOT add up"
        say(f"{form.file}: {form.region}, {form.year}; {compared} sums checked, {state}.")
        for problem in form.problems:
            say(f"  {'warning' if problem.severity == 'warning' else 'error'}: {problem}", err=True)
        for row in npo_spending(form, treasury.types if treasury else ["630"]).itertuples():
            if row.expenditure:
                share = f"{100 * row.share:.4f} %"
                say(
                    f"  {row.kind or row.level}: {row.support:,.2f} of {row.expenditure:,.2f} "
                    f"roubles ({share})"
                )
    option = f" --study {study}" if study else ""
    say(
        f"Written: {', '.join(map(str, written))}. Next: `cssp run {city} --notebook 01{option}`."
        if written
        else "Nothing changed: these forms are in the study already."
    )


@adding.command("add-forms")
def add_forms_of_regions(
    places: Annotated[
        list[Path], typer.Argument(metavar="FOLDER|ZIP...", help="Folders, .zip archives or forms.")
    ],
    study: StudyOption = "",
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Let a form take the place of another of its region and year."
        ),
    ] = False,
) -> None:
    """Read the Treasury's forms 0503317 of many regions into one table, by purpose.

    Notebooks 1 and 5 show the study's regions among all of them. Forms that were read before are
    not read again.

    Example: cssp add-forms forms_2021.zip --study my-study
    """
    from rich.progress import Progress

    from cssp.draft.region_forms import add_region_forms

    with Progress(transient=True) as bar:
        task = bar.add_task("forms", total=None)
        report, target = add_region_forms(
            opened(study),
            places,
            replace,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    for row in report[report["status"] == "refused"].itertuples():
        say(f"  {row.file}: refused. {row.what}", err=True)
    for row in report[(report["status"] == "read") & (report["what"] != "")].itertuples():
        say(f"  {row.file} ({row.region}): {row.what}", err=True)
    count = report["status"].value_counts()
    say(
        f"{count.get('read', 0)} of {len(report)} forms read, {count.get('known', 0)} known "
        f"already, {count.get('refused', 0)} refused. Written: {target}, and {target.parent}/"
        "forms.csv with a line a form."
    )
