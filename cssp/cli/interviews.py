"""The commands of coded interviews: code systems, copies of a project, disagreements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cssp.cli.options import StudyOption
from cssp.cli.speech import opened, say

interviews = typer.Typer()


@interviews.command("draft-codes")
def draft_codes(
    project: Annotated[
        Path, typer.Argument(help="A project or codebook of a coding tool, e.g. codes.qdc.")
    ],
    output: Annotated[
        Path, typer.Argument(help="The file to write, e.g. my_study/codes_of_the_tool.yaml.")
    ],
    language: Annotated[
        str, typer.Option("--language", "-l", help="Language of its labels.")
    ] = "en",
) -> None:
    """Write a code system (codes.yaml) from a tool's project: names, hierarchy, definitions."""
    from cssp.draft.interviews import draft_codes as draft

    count = draft(project, output, language)
    say(
        f"{count} codes written to {output}. Add the other language and, where known, means and "
        "theme."
    )


@interviews.command("merge")
def merge(
    first: Annotated[Path, typer.Argument(help="The first coder's project; its names win.")],
    second: Annotated[Path, typer.Argument(help="The second coder's project.")],
    target: Annotated[Path, typer.Argument(help="The file to write: .qdpx.")],
) -> None:
    """Join two copies of a project that two people coded apart, and list every conflict."""
    from cssp.interviews.exchange.merge import merge_projects
    from cssp.interviews.exchange.open import open_project
    from cssp.interviews.exchange.refi_qda_write import write_qdpx
    from cssp.study.problems import RunError

    if target.suffix.casefold() not in (".qdpx", ".qde"):
        raise RunError(f"'{target.name}' is no name of a project: it should end in .qdpx.")
    if target.exists() and any(target.samefile(one) for one in (first, second) if one.exists()):
        raise RunError(f"{target} is one of the projects to be joined; name another file.")
    one, other = open_project(first), open_project(second)
    for problem in (*one.warnings, *other.warnings):
        say(f"warning: {problem}", err=True)
    merged, conflicts = merge_projects(one, other)
    for warning in write_qdpx(merged, target):
        say(f"warning: {warning}", err=True)
    for row in conflicts.itertuples():
        say(f"  {row.kind} {row.name}: '{row.first}' / '{row.second}': {row.decision}")
    say(
        f"{len(merged.codings)} codings by {len(merged.users)} coders written to {target}; "
        f"{len(conflicts)} conflicts."
    )


@interviews.command()
def disagreements(
    target: Annotated[Path, typer.Argument(help="The list to write: .xlsx or .csv.")],
    cities: Annotated[
        list[str] | None, typer.Option("--city", help="Only this city; may be repeated.")
    ] = None,
    study: StudyOption = "",
    language: Annotated[
        str, typer.Option("--language", "-l", help="Of the list; left out: the study's first.")
    ] = "",
) -> None:
    """Write the passages that one coder marked and another did not, to be discussed.

    Fill in the column of decisions (keep or drop), and give the list to `cssp resolve`.
    """
    from cssp.interviews.disagreement_pages import write_disagreements
    from cssp.interviews.disagreements import disagreements as found_in
    from cssp.interviews.load import load_coded
    from cssp.show.labels import Labels

    the_study = opened(study)
    table = found_in(*load_coded(the_study, the_study.cities_with("interviews", cities or None)))
    labels = Labels(the_study, language or the_study.file.languages[0])
    path = write_disagreements(table, target, labels)
    say(f"{len(table)} disputed passages written to {path}.")


@interviews.command()
def resolve(
    decisions: Annotated[Path, typer.Argument(help="The list of `cssp disagreements`, filled in.")],
    target: Annotated[
        Path, typer.Argument(help="The file to write, with the consensus in it: .qdpx or .csv.")
    ],
    cities: Annotated[
        list[str] | None, typer.Option("--city", help="Only this city; may be repeated.")
    ] = None,
    study: StudyOption = "",
    record: Annotated[
        str, typer.Option("--record", help="Also write how each passage was decided (CSV).")
    ] = "",
    coder: Annotated[
        str, typer.Option("--coder", help="Under whose name the consensus goes.")
    ] = "consensus",
) -> None:
    """Turn decided disagreements into a consensus: a project, or a table of codings."""
    from cssp.interviews.consensus import resolve as settled
    from cssp.interviews.disagreement_pages import read_decisions
    from cssp.interviews.exchange.refi_qda_write import write_qdpx
    from cssp.interviews.load import load_coded
    from cssp.interviews.study_project import study_project
    from cssp.study.problems import RunError
    from cssp.study.write_files import write_text

    kind = target.suffix.casefold()
    if kind not in (".qdpx", ".csv"):
        raise RunError(f"'{target.name}' is no name of a result: it should end in .qdpx or .csv.")
    the_study = opened(study)
    wanted = the_study.cities_with("interviews", cities or None)
    consensus, readers = settled(*load_coded(the_study, wanted), read_decisions(decisions), coder)
    if kind == ".csv":
        write_text(target, consensus.to_csv(index=False, lineterminator="\n"))
    else:
        write_qdpx(study_project(the_study, wanted, codings=consensus), target)
    if record:
        write_text(Path(record), readers.to_csv(index=False, lineterminator="\n"))
    count = readers["status"].value_counts()
    fates = ", ".join(
        f"{count.get(name, 0)} {name}" for name in ("agreed", "kept", "discarded", "open")
    )
    say(f"{len(consensus)} codings of the consensus written to {target}; {fates}.")
