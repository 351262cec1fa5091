"""The commands of runs: `cssp run`, `status`, `clean` and `verify`.

Thin wrappers of `cssp.runs`.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cssp.cli.options import (
    Cities,
    Folder,
    Language,
    Notebooks,
    Output,
    Parameters,
    StudyOption,
    bytes_of,
    pairs_of,
    parameters_of,
    print_problems,
    seconds_of,
    use_notebooks,
)
from cssp.cli.speech import heard, said, say

if TYPE_CHECKING:
    from cssp.runs.batch import Order, Planned
    from cssp.study.problems import Problem

runs = typer.Typer(rich_markup_mode=None)


@runs.command()
def run(
    cities: Cities = None,
    study: StudyOption = "",
    output: Output = "runs",
    notebook: Notebooks = None,
    language: Language = "",
    parameter: Parameters = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=0, help="Notebooks at the same time; 0: as cores and memory allow."
        ),
    ] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would run and why; run nothing.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Run what is up to date too.")] = False,
    locked: Annotated[
        bool,
        typer.Option(
            "--locked",
            help="Refuse to run when libraries differ from those of the earlier results.",
        ),
    ] = False,
    time_limit: Annotated[
        str,
        typer.Option("--time-limit", help="Longest time of a notebook, e.g. 90, 30m, 2h; 0: none."),
    ] = "1h",
    memory_limit: Annotated[
        str,
        typer.Option("--memory-limit", help="Most memory of a notebook, e.g. 800M, 4G; 0: none."),
    ] = "0",
    scheduler: Annotated[
        str,
        typer.Option(
            "--scheduler", help="Address of a Dask scheduler to run on, e.g. tcp://10.0.0.1:8786."
        ),
    ] = "",
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            help="Start a Dask cluster: slurm, pbs, ssh or kubernetes.",
            autocompletion=lambda: ["slurm", "pbs", "ssh", "kubernetes"],
        ),
    ] = "",
    cluster_option: Annotated[
        list[str] | None,
        typer.Option(
            "--cluster-option",
            metavar="NAME=VALUE",
            help="An option of the cluster, e.g. queue=short.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell every event as a line of JSON, for machines.")
    ] = False,
    notebooks: Folder = "",
    workshop: Annotated[
        bool,
        typer.Option("--workshop", help="Run the notebooks that go deeper too (folder workshop)."),
    ] = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast/--no-fast",
            help="Fork kernels from one warm process, where the system allows it.",
        ),
    ] = True,
) -> None:
    """Execute the notebooks for cities and write a report to read in the browser.

    Only what changed runs; what is up to date stays. A run that was stopped goes on with the same
    command.

    \b
    Examples:
      cssp run                                   all cities of the default study, into runs/
      cssp run my-city -n 02 -l ru               one notebook of one city, in Russian
      cssp run --workshop                        the notebooks that go deeper, too
      cssp run --study my-study --dry-run        what would run, and why
      cssp run --study s3://bucket/study -o s3://bucket/runs --scheduler tcp://10.0.0.1:8786
      cssp run --cluster slurm -j 40 --cluster-option queue=short

    Exit code: 0 all well, 1 some notebook failed, 2 bad input, 130 interrupted.
    """
    from cssp.runs import batch

    use_notebooks(notebooks)
    order = batch.Order(
        cities or [],
        notebook or [],
        language,
        parameters_of(parameter or []),
        study,
        output,
        force,
        locked,
        jobs,
        scheduler,
        cluster,
        pairs_of(cluster_option or []),
        seconds_of(time_limit),
        bytes_of(memory_limit),
        fast,
        workshop,
    )
    with _stopped_politely(force):
        _run(order, dry_run, as_json)


def _run(order: Order, dry_run: bool, as_json: bool) -> None:
    from cssp.runs import batch
    from cssp.runs.progress import Progress

    planned = batch.plan(order)
    heard(planned.study)
    if dry_run:
        _show_plan(planned, as_json)
        return
    if not planned.cities_due:
        if planned.output.is_dir():
            batch.renew_pages(planned)
        if as_json:
            Progress(0, as_json, said)(
                "run_ended",
                {
                    "cities_done": 0,
                    "cities_failed": 0,
                    "up_to_date": len({one.city for one in planned.due}),
                },
            )
        say(
            f"All {len(planned.due)} results are up to date. Open {planned.output / 'index.html'} "
            "in a browser.",
            err=as_json,
        )
        return
    if planned.output.is_file():
        from cssp.study.problems import RunError

        raise RunError(
            f"{planned.output} is a file, not a folder; name another folder with --output."
        )
    with batch.place_for(planned) as place:
        _refuse_problems(batch.check_due(planned, place.executor))
        with Progress(len(planned.to_run), as_json, said) as progress:
            progress("run_began", {"cities": planned.cities_due, "notebooks": len(planned.to_run)})
            failures = batch.perform(planned, place, progress)
            due = len(planned.cities_due)
            kept = len({one.city for one in planned.due}) - due
            progress(
                "run_ended",
                {
                    "cities_done": due - len(failures),
                    "cities_failed": len(failures),
                    "up_to_date": kept,
                },
            )
    if as_json:  # people were told when it happened
        for sentence in failures.values():
            say(sentence, err=True)
    summary = _summary(planned, failures)
    say(f"{summary}. Open {planned.output / 'index.html'} in a browser.", err=as_json)
    if failures:
        raise typer.Exit(1)


def _summary(planned: Planned, failures: dict[str, str]) -> str:
    """Say how many cities are done; what looks at all of them together is no city."""
    from cssp.runs.plan.plan import ALL_CITIES

    due = [city for city in planned.cities_due if city != ALL_CITIES]
    text = f"{sum(city not in failures for city in due)} of {len(due)} cities done" if due else ""
    if ALL_CITIES in planned.cities_due:
        whole = "all cities together " + ("failed" if ALL_CITIES in failures else "done")
        text = f"{text}, {whole}" if text else whole.capitalize()
    kept = len({one.city for one in planned.due} - set(planned.cities_due) - {ALL_CITIES})
    return text + (f", {kept} up to date" if kept else "")


@contextlib.contextmanager
def _stopped_politely(force: bool) -> Iterator[None]:
    """Let Ctrl+C, and the signal by which clusters and services end a process.

    Stop a run with a sentence and exit code 130.
    """
    # a terminal that is closed hangs up; under nohup that is ignored, and stays so
    wanted = [
        signal.SIGTERM,
        *(
            [signal.SIGHUP]
            if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
            else []
        ),
    ]
    before = {one: signal.signal(one, signal.default_int_handler) for one in wanted}
    try:
        yield
    except KeyboardInterrupt:
        again = "--force begins anew; the same command without it goes on with what is due."
        again = again if force else "Run the same command to go on."
        with contextlib.suppress(OSError):  # the terminal may be gone
            say(f"Interrupted; what is finished was kept. {again}", err=True)
        raise typer.Exit(130) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _refuse_problems(found: list[Problem]) -> None:
    """Print warnings and go on; print errors and stop."""
    from cssp.study.problems import errors_in, problem_table

    if errors_in(found):
        print_problems(problem_table(found))
        say("Nothing was written.", err=True)
        raise typer.Exit(2)
    for problem in found:
        say(f"warning: {problem.file}: {problem.what}", err=True)


def _show_plan(planned: Planned, as_json: bool) -> None:
    import json

    for one in planned.due:
        if as_json:
            say(
                json.dumps(
                    {
                        "event": "planned",
                        "city": one.city,
                        "notebook": one.task.notebook.name,
                        "runs": one.runs,
                        "why": "; ".join(one.why),
                    },
                    ensure_ascii=False,
                )
            )
        elif one.runs:
            why = "; ".join(one.why[:4]) + (
                f"; and {len(one.why) - 4} more" if len(one.why) > 4 else ""
            )
            say(f"{one.city} {one.task.notebook.stem}: {why}")
    count = len(planned.to_run)
    pages = len({one.city for one in planned.due if one.pages and not one.runs})
    say(
        f"{count} of {len(planned.due)} notebooks would run"
        + (f"; the pages of {pages} cities would be written anew" if pages else "")
        + ".",
        err=as_json,
    )


@runs.command()
def status(
    cities: Cities = None,
    study: StudyOption = "",
    output: Output = "runs",
    notebook: Notebooks = None,
    language: Language = "",
    parameter: Parameters = None,
    notebooks: Folder = "",
) -> None:
    """Show what is up to date, due, running or failed, and why.

    Example: cssp status --study my-study --output results
    """
    from cssp.runs import batch
    from cssp.runs.clean import status as state_of

    use_notebooks(notebooks)
    planned = batch.plan(
        batch.Order(
            cities or [], notebook or [], language, parameters_of(parameter or []), study, output
        )
    )
    table = state_of(planned.due, planned.output)
    for row in table.itertuples():
        took = (
            f" ({row.seconds:.1f} s)"
            if row.seconds == row.seconds and row.seconds is not None
            else ""
        )
        say(
            f"{row.city} {row.notebook.removesuffix('.ipynb')}: "
            f"{row.state}{took}{': ' + row.why if row.why else ''}"
        )
    counts = table["state"].value_counts()
    say(", ".join(f"{count} {state}" for state, count in counts.items()) + ".")
