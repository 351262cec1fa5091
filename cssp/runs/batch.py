"""`cssp run` from beginning to end: what is due is checked, executed and shown.

The command line only prints what comes back.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cssp.runs.elsewhere import addresses
from cssp.runs.plan.fingerprint import hashed, pages_hash
from cssp.runs.plan.plan import Task, goes_deeper, having_results, make_plan
from cssp.runs.plan.up_to_date import (
    KEPT,
    MANIFEST,
    SUMMARY,
    Due,
    Fingerprints,
    judge,
    read_manifest,
    spoilt_summary,
)
from cssp.study.problems import Problem, RunError, short_path
from cssp.study.study import STAGES, Stage, Study
from cssp.study.write_files import write_text

#: Cities whose files one worker checks at a time.
CHECKED = 8

Tell = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Order:
    """What is asked of a run.

    Attributes
    ----------
    cities, notebooks, language, parameters : see `make_plan`
    study, output : folders, or addresses that fsspec opens
    force : run what is up to date too
    locked : refuse to run with other libraries than those of the results that are there
    jobs : notebooks at the same time, 0 for as many as cores and memory allow
    scheduler, cluster, options : a Dask cluster instead of this machine
    seconds, memory, fast : see `Settings`
    workshop : also the notebooks that go deeper; where a city has results of one, it is kept up to
        date without being asked for, so that no page stands beside older ones
    """

    cities: Sequence[str] = ()
    notebooks: Sequence[str] = ()
    language: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    study: str = ""
    output: str = "runs"
    force: bool = False
    locked: bool = False
    jobs: int = 0
    scheduler: str = ""
    cluster: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 3600
    memory: int = 0
    fast: bool = True
    workshop: bool = False


@dataclass
class Planned:
    """A run that is planned.

    The study and the output on this machine, what is due, and the language.
    """

    order: Order
    study: Study
    output: Path
    due: list[Due]
    language: str

    @property
    def to_run(self) -> list[Due]:
        """What must run."""
        return [one for one in self.due if one.runs]

    @property
    def cities_due(self) -> list[str]:
        """Cities with something to run or to show anew."""
        return list(dict.fromkeys(one.city for one in self.due if one.runs or one.pages))


def plan(order: Order) -> Planned:
    """Plan a run; nothing is written but the copy of a study that lies at an address.

    Raises
    ------
    CsspError
        The study, a city, a notebook or a parameter is wrong; with `locked`, libraries differ.
    """
    study = addresses.study_at(order.study)
    output = (
        addresses.fetch_results(order.output)
        if addresses.is_address(order.output)
        else Path(order.output).absolute()
    )
    _refuse_data(output, study)
    tasks = _tasks(order, study, output)
    due = judge(tasks, study, output, order.force, Fingerprints(study), bool(order.notebooks))
    planned = Planned(order, study, output, due, str(tasks[0].parameters["language"]))
    if order.locked:
        from cssp.runs.provenance.verify import other_libraries

        other = other_libraries(output, list(dict.fromkeys(task.city for task in tasks)))
        if other:
            raise RunError(
                f"--locked: {', '.join(other)}. Install the versions of the manifest, or run "
                "without --locked."
            )
    return planned


def _tasks(order: Order, study: Study, output: Path) -> list[Task]:
    """Plan what was asked for, and what of the workshop is there already."""
    some = bool(order.notebooks)
    deeper = order.workshop or not some
    chosen = order.cities, order.notebooks, order.language, order.parameters
    tasks = make_plan(study, *chosen, workshop=deeper)
    if order.workshop or some:
        return tasks
    there = {
        city: read_manifest(output / city).get("notebooks", {})
        for city in dict.fromkeys(task.city for task in tasks)
    }
    return [
        task
        for task in tasks
        if not goes_deeper(task.notebook) or task.notebook.name in there[task.city]
    ]


def _refuse_data(output: Path, study: Study) -> None:
    """Refuse to write results where the cities' data lie.

    A city's folder of results would take the place of its data.
    """
    place, cities = output.resolve(), (study.folder / "cities").resolve()
    if place == cities or cities in place.parents:
        raise RunError(
            f"{short_path(output)} holds the data of the study's cities; name another folder for "
            "the results with --output."
        )


def check_due(planned: Planned, executor: Any = None) -> list[Problem]:
    """Return what is wrong with the files of the cities that are to run.

    By the executor's workers where there are many.
    """
    study = planned.study
    wanted = [name for name in study.cities if name in set(_with_peers(planned))]
    if not wanted:
        return []
    read = {stage for one in planned.to_run for stage in one.fingerprint["stages"]}
    stages = [stage for stage in STAGES if stage in read]
    chunks = [wanted[start : start + CHECKED] for start in range(0, len(wanted), CHECKED)]
    if executor is None or len(chunks) < 3:
        parts = [problems_of(str(study.folder), wanted, stages)]
    else:
        asked = planned.order.study
        place = asked if addresses.is_address(asked) else str(study.folder)
        parts = list(
            executor.map(problems_of, [place] * len(chunks), chunks, [stages] * len(chunks))
        )
    return list(dict.fromkeys(problem for part in parts for problem in part))


def _with_peers(planned: Planned) -> Iterator[str]:
    for one in planned.to_run:
        yield str(one.task.parameters["city"])
        for name in one.fingerprint["peers"]:
            yield name.removeprefix("cities/")


def problems_of(place: str, cities: list[str], stages: Collection[Stage] = STAGES) -> list[Problem]:
    """Return the problems of some cities of a study, as far as these stages need them.

    In a folder or at an address; a function of its own so that workers can do it.
    """
    from cssp.draft.check import find_problems

    return find_problems(addresses.study_at(place), cities, stages)


@contextlib.contextmanager
def place_for(planned: Planned) -> Iterator[Any]:
    """Offer the executor that was asked for."""
    from cssp.runs.executors import jobs_here, on_dask, on_this_machine

    order = planned.order
    if order.scheduler or order.cluster:
        with on_dask(order.scheduler, order.cluster, order.jobs, dict(order.options)) as place:
            yield place
    else:
        # a city's notebooks, and then its pages: more jobs than that would idle
        wanted = max(len(planned.to_run), len(planned.cities_due), 1)
        with on_this_machine(min(jobs_here(order.jobs), wanted)) as place:
            yield place


def perform(planned: Planned, place: Any, tell: Tell) -> dict[str, str]:
    """Execute what is due and write the pages over all cities.

    Returns
    -------
    city -> what went wrong, one sentence; empty when all went well
    """
    from cssp.runs.clean import tidy_up
    from cssp.runs.execute import Run, Settings

    order, began = planned.order, datetime.now(UTC)
    settings = Settings(order.seconds, order.memory, order.fast)
    address = order.study if addresses.is_address(order.study) else ""
    if place.waits:
        tell("cluster_waits", {"cluster": order.cluster})
    with _sending(planned, tell) as teller:
        some = bool(order.notebooks)
        run = Run(
            planned.study,
            planned.due,
            planned.output,
            place,
            settings,
            teller,
            address=address,
            some=some,
        )
        outcomes = run.go()
        failures = {outcome.city: outcome.failure for outcome in outcomes if outcome.failure}
        if addresses.is_address(
            order.output
        ):  # others may have run other cities of the study meanwhile
            addresses.fetch_results(order.output)
        if place.shared:  # a worker has imported what pages need
            place.executor.submit(write_pages, planned, began, failures).result()
        else:
            write_pages(planned, began, failures)
        tidy_up(planned.output)
    return failures


def renew_pages(planned: Planned) -> None:
    """Write the pages over all cities where no city has anything to run.

    And send what is still to be sent.
    """
    with _sending(planned, lambda event, told: None):
        write_pages(planned, datetime.now(UTC), {})


@contextlib.contextmanager
def _sending(planned: Planned, tell: Tell) -> Iterator[Tell]:
    """Where the output is an address.

    Send each city when it is done, what a failed one left, and at last the pages over all cities.
    """
    copy, address = planned.output, planned.order.output
    if not addresses.is_address(address):
        yield tell
        return
    failed = {path.name for path in copy.glob("*.failed")}

    def told(event: str, particulars: dict[str, Any]) -> None:
        city = particulars.get("city", "")
        left = f"{city}.failed"
        if event == "kept":  # before the city's folder is replaced, here and there
            addresses.send_folder(copy, address, f"{city}{KEPT}")
            particulars = {**particulars, "where": f"{address.rstrip('/')}/{city}{KEPT}"}
        if event == "city_published":
            addresses.send_folder(copy, address, city)
            if left in failed:
                addresses.send_folder(copy, address, left)
        if event == "city_failed" and (copy / left).is_dir():
            addresses.send_folder(copy, address, left)
        tell(event, particulars)

    with addresses.at_work(copy):
        for name in addresses.unsent(copy):
            addresses.send_folder(copy, address, name, again=True)
        yield told
        addresses.send(copy, address)


def write_pages(planned: Planned, began: datetime, failures: dict[str, str]) -> None:
    """Write the index, the page across cities and the crate.

    Unless they are as they would be written.
    """
    failures = {**left_failed(planned.output, planned.study), **failures}
    key, note = pages_key(planned, failures), planned.output / ".cssp" / "index.key"
    with contextlib.suppress(OSError):
        if note.read_text(encoding="utf-8") == key and all(
            (planned.output / name).is_file() for name in ("index.html", "ro-crate-metadata.json")
        ):
            return
    from cssp.runs.provenance.crate import write_crate
    from cssp.runs.report.index_page import write_index

    write_index(planned.output, planned.study, planned.language, failures)
    own = not addresses.is_address(planned.order.output)  # at an address others write manifests too
    write_crate(planned.output, planned.study, planned.language, began, failures, own)
    write_text(note, key)


def left_failed(output: Path, study: Study) -> dict[str, str]:
    """Return what still stands of earlier runs.

    Notebooks that failed and were not run again, and summaries that are not those that were
    written.
    """
    found = {}
    for name in having_results(study):
        books = sorted(path.stem for path in (output / f"{name}.failed").glob("*.ipynb"))
        if books:
            found[name] = f"{name}: {', '.join(books)} failed in an earlier run; see {name}.failed."
        manifest = read_manifest(output / name)
        if manifest and spoilt_summary(output / name, manifest):
            found[name] = (
                f"{name}: {SUMMARY} is not the one that was written; `cssp run {name}` writes it "
                "anew."
            )
    return found


def pages_key(planned: Planned, failures: Mapping[str, str]) -> str:
    """Return a hash of what the pages over all cities are made from."""
    files = {}
    for entry in (
        sorted(os.scandir(planned.output), key=lambda one: one.name)
        if planned.output.is_dir()
        else ()
    ):
        manifest = Path(entry.path, MANIFEST)
        if entry.is_dir() and manifest.is_file():
            state = manifest.stat()
            files[entry.name] = [state.st_size, state.st_mtime_ns, state.st_ino]
    return hashed(
        [pages_hash(), planned.language, having_results(planned.study), files, dict(failures)]
    )
