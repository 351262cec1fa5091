"""Commands about results that are there: remove what is left over, prove what was not changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cssp.cli.options import Output, StudyOption
from cssp.cli.speech import heard, opened, say

results = typer.Typer()


@results.command()
def clean(
    study: Annotated[
        str,
        typer.Option(
            "--study", help="Also remove results of cities that this study does not have."
        ),
    ] = "",
    output: Output = "runs",
    everything: Annotated[
        bool, typer.Option("--all", help="Remove all results, not only what is left over.")
    ] = False,
) -> None:
    """Remove what stopped and failed runs left.

    With --study also results of cities that this study no longer has.

    Example: cssp clean --output results
    """
    from cssp.runs import clean as tidy
    from cssp.runs.elsewhere import addresses
    from cssp.study.problems import RunError

    if addresses.is_address(output):
        raise RunError(
            "`cssp clean` removes files of this machine only; remove what lies at an address with "
            "its own tools."
        )
    known = heard(addresses.study_at(study)) if study else None
    removed = tidy.clean(Path(output), known, everything)
    for path in removed:
        typer.echo(path)
    say(f"{len(removed)} removed." if removed else "There is nothing to remove.")


@results.command()
def privacy(
    folder: Annotated[Path, typer.Argument(help="Folder of the results.")] = Path("runs"),
    study: StudyOption = "",
) -> None:
    """Say what a stranger could learn of people from a folder of results.

    Hidden counts that follow from totals, names, open answers, small groups, hashes, machines and
    authors. Exit code: 0 nothing was found, 1 something was, 2 bad input.

    Example: cssp privacy results --study my-study
    """
    from cssp.privacy.publish import what_points_at_people

    found = what_points_at_people(folder, opened(study))
    for row in found.itertuples():
        say(f"{row.kind}: {row.file}: {row.what}. {row.remedy}")
    say(
        f"{len(found)} things point at people."
        if len(found)
        else "Nothing that points at people was found; what was looked for is listed in "
        "docs/privacy.md."
    )
    if len(found):
        raise typer.Exit(1)


@results.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="Folder of the results.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The new folder.")],
    study: StudyOption = "",
) -> None:
    """Make a folder of results for others; refused while something in it points at people.

    Example: cssp publish results public --study my-study
    """
    from cssp.privacy.publish import publish as make

    count = make(folder, target, opened(study))
    say(f"{count} files written to {target}.")


@results.command()
def verify(
    folder: Annotated[
        str, typer.Argument(help="Folder of the results, or their address.")
    ] = "runs",
    study: Annotated[
        str,
        typer.Option(
            "--study",
            help="Also compare this study's files with those that the results were made from.",
        ),
    ] = "",
) -> None:
    """Recompute the hashes of all results and say what was changed by hand since they were written.

    Exit code: 0 all is as written, 1 something differs, 2 bad input.

    Example: cssp verify runs --study my-study
    """
    from cssp.runs.elsewhere import addresses
    from cssp.runs.provenance.verify import verify as compare

    there = addresses.fetch_results(folder) if addresses.is_address(folder) else Path(folder)
    known = heard(addresses.study_at(study)) if study else None
    table = compare(there, known)
    for row in table.itertuples():
        say(f"{row.where + ': ' if row.where else ''}{row.file}: {row.what}")
    say(
        f"{len(table)} difference{'' if len(table) == 1 else 's'}."
        if len(table)
        else "All files are as they were written."
    )
    if len(table):
        raise typer.Exit(1)
