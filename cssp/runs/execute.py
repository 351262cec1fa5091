"""Execute what is due.

Notebooks on any executor, a city's results renamed into place when all of its notebooks are done.

What a run needs beside its results lies in the hidden folder `.cssp` of the output: locks, finished
notebooks of unfinished cities, the city that
is being put together. After a kill at any moment the next run finds there what can be used again,
and removes the rest.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cssp.runs.assemble import Assembled, assemble
from cssp.runs.city_at_work import CityAtWork, CityOutcome, key_of, study_as_shown
from cssp.runs.deliver import Job, Outcome
from cssp.runs.elsewhere.addresses import fetch
from cssp.runs.executors import Place
from cssp.runs.job_queue import TRIES, JobQueue, Tell
from cssp.runs.plan.fingerprint import code_hash, libraries
from cssp.runs.plan.up_to_date import HALF_AN_EDIT, KEPT, READ, Due, edited, judge, read_manifest
from cssp.runs.provenance.manifest import git_state
from cssp.runs.publish import prepare_output, recover
from cssp.runs.run_notebook import refuse_difference, run_one
from cssp.study.problems import RunError, first_line, short_path
from cssp.study.study import Study, load_study

#: How often a city is tried whose study was edited meanwhile.
EDITS = 3
#: Seconds between two looks at a city that another run works on.
PATIENCE = 0.5


@dataclass(frozen=True)
class Settings:
    """How notebooks are executed: limits of each with its children (0.

    None), and whether kernels are forked.
    """

    seconds: float = 3600
    memory: int = 0
    fast: bool = True


class Run(JobQueue):
    """One run of what is due.

    Parameters
    ----------
    study : the study
    due : from `judge`; what is up to date is left alone
    output : folder of the results
    place : the executor
    settings : limits
    tell : told of everything that happens: the event's name and its particulars
    address : where workers elsewhere fetch the study from
    some : some notebooks were chosen among those there are (see `judge`)
    """

    def __init__(
        self,
        study: Study,
        due: Sequence[Due],
        output: Path,
        place: Place,
        settings: Settings | None = None,
        tell: Tell | None = None,
        address: str = "",
        some: bool = False,
    ) -> None:
        super().__init__(place, tell)
        self.study = study
        self.due = list(due)
        self.output = output
        self.settings = settings or Settings()
        self.address = address
        self.some = some
        self.hidden = output / ".cssp"
        self.shown = study_as_shown(study, output)
        self.git = git_state()
        self._outcomes: dict[str, CityOutcome] = {}

    def go(self) -> list[CityOutcome]:
        """Run; return one outcome a city that had something due.

        Raises
        ------
        RunError
            The output is a file, a worker has other versions, or the study is being edited again
            and again.
        """
        prepare_output(self.output)
        queue = deque(self._cities())
        try:
            self._work(queue)
        except BaseException:
            for city in self._open:
                city.lock.release()
            for future in self._futures:  # what a cluster has queued must not begin for nobody
                future.cancel()
            self._futures.clear()
            raise
        return [
            self._outcomes[name]
            for name in dict.fromkeys(one.city for one in self.due)
            if name in self._outcomes
        ]

    def _cities(self) -> Iterator[CityAtWork]:
        grouped: dict[str, list[Due]] = {}
        for one in self.due:
            grouped.setdefault(one.city, []).append(one)
        for name, due in grouped.items():
            if any(one.runs or one.pages for one in due):
                lock = FileLock(self.hidden / "locks" / f"{name}.lock")
                yield CityAtWork(name, self.output, due, lock)

    def _work(self, queue: deque[CityAtWork]) -> None:
        while queue or self._open:
            self._submit(queue)
            if self._futures:
                done, _ = wait(self._futures, timeout=PATIENCE, return_when=FIRST_COMPLETED)
                for future in done:
                    self._settle(future)
            elif queue and not self._open:
                time.sleep(PATIENCE)  # every city left is at work in another run

    def _begin_next(self, queue: deque[CityAtWork]) -> bool:
        """Begin the next city that no other run works on; tell whether there was one."""
        for _ in range(len(queue)):
            city = queue.popleft()
            try:
                city.lock.acquire(timeout=0)
            except Timeout:
                self.tell("waiting", {"city": city.name, "why": "another run works on it"})
                queue.append(city)
                continue
            self._begin(city)
            return True
        return False

    def _begin(self, city: CityAtWork) -> None:
        recover(self.output, city.name)
        entry = read_manifest(self.output / city.name).get("notebooks", {})
        wanted = []
        for one in city.due:
            if not one.runs:
                continue
            there = entry.get(one.task.notebook.name, {})
            if there.get("fingerprint") == one.fingerprint and not one.forced and not one.spoilt:
                self.tell(
                    "notebook_done",
                    {"city": city.name, "notebook": one.task.notebook.name, "reused": True},
                )
                continue  # another run has done it since
            wanted.append(one)
        self._open.append(city)
        city.waiting, city.parts, city.failure, city.edited = deque(), {}, "", False
        for one in wanted:
            if not one.forced and city.has_part(one):
                city.parts[one.task.notebook.name] = str(city.part(one))
                self.tell(
                    "notebook_done",
                    {"city": city.name, "notebook": one.task.notebook.name, "reused": True},
                )
            else:
                city.waiting.append(one)
        self.tell(
            "city_began",
            {
                "city": city.name,
                "notebooks": len(wanted),
                "why": "; ".join(wanted[0].why) if wanted else "",
            },
        )
        if not wanted and not any(one.pages for one in city.due):
            self._close(city, CityOutcome(city.name, self.output / city.name, 0))
        elif not city.waiting:
            self._assemble(
                city
            )  # all notebooks are there from a run that was stopped, or only the pages are old

    def _hand_out(self, city: CityAtWork, one: Due, tries: int) -> Future[Any]:
        name = one.task.notebook.name
        study = str(one.task.parameters["study"])
        failed = city.place("failed")
        job = Job(
            city.name,
            str(one.task.notebook),
            one.task.parameters,
            str(city.part(one)) if self.place.shared else "",
            str(failed) if self.place.shared else "",
            self.settings.seconds,
            self.settings.memory,
            libraries(),
            code_hash(),
            self.settings.fast,
            {study: self.shown},
            key_of(one),
            self.address,
            {name: one.fingerprint[name] for name in READ},
            self.place.run,
        )
        self.tell(
            "notebook_began",
            {"city": city.name, "notebook": name, "why": "; ".join(one.why), "try": tries},
        )
        city.running += 1
        future = self._submitted(run_one, job)
        self._futures[future] = (city, one, tries)
        return future

    def _settle(self, future: Future[Any]) -> None:
        if future not in self._futures:
            return
        city, one, tries = self._futures.pop(future)
        try:
            result = future.result()
        except BrokenProcessPool:
            self._workers_died([(city, one, tries)])
            return
        except Exception as error:  # what a cluster raises when a worker is lost
            if (
                type(error).__name__
                in ("KilledWorker", "CommClosedError", "FutureCancelledError", "CancelledError")
                and one is not None
            ):
                self._again(city, one, tries, "its worker died.")
                return
            raise
        if one is None:
            self._publish(city, result)
        else:
            self._finished(city, one, tries, result)

    def _failed(self, city: CityAtWork, one: Due, reason: str) -> None:
        name = one.task.notebook.name
        place = self.output / f"{city.name}.failed" / name
        there = (city.place("failed") / name).is_file()
        ended = "" if reason.endswith((".", "!", "?")) else "."
        text = f"{city.name}: {name} stopped: {reason}{ended}" + (
            f" See {short_path(place)}." if there else ""
        )
        city.failure = city.failure or text
        self.tell("notebook_failed", {"city": city.name, "notebook": name, "why": reason})
        self._drop_waiting(city)
        self._when_idle(city)

    def _finished(self, city: CityAtWork, one: Due, tries: int, result: Outcome) -> None:
        refuse_difference(result)
        if result.died:
            self._again(city, one, tries, result.failure)
            return
        if result.edited:
            self._files_differ(city, one, tries, result)
            return
        city.running -= 1
        if not self.place.shared:
            city.unpack(one, result)
        name = one.task.notebook.name
        if result.failure:
            self._failed(city, one, result.failure)
            return
        city.parts[name] = str(city.part(one))
        self.tell(
            "notebook_done",
            {
                "city": city.name,
                "notebook": name,
                "seconds": result.seconds,
                "cells_seconds": result.cells_seconds,
                "warnings": result.warnings,
            },
        )
        self._when_idle(city)

    def _files_differ(self, city: CityAtWork, one: Due, tries: int, result: Outcome) -> None:
        """A worker met other files than were planned with.

        The study was edited, or the worker's machine has another copy of it.
        """
        if self.address:
            fetch(self.address)
        if edited(self.study.folder, [(one.task, one.fingerprint)]):
            city.running -= 1
            city.edited = True
            self._drop_waiting(city)
            self._when_idle(city)
            return
        names = "; ".join(result.edited[:3])
        if not self.place.shared:
            raise RunError(
                f"The worker {result.worker} has other files than this machine ({names}). Copy the "
                "study and the notebooks there anew, or name the study by an address."
            )
        self._again(
            city, one, tries, f"the study was edited while it ran, and the edit undone ({names})."
        )

    def _when_idle(self, city: CityAtWork) -> None:
        if self._is_busy(city):
            return
        if city.edited:
            self._run_again(city)
            return
        if not city.failure:
            self._assemble(city)
            return
        failed = city.keep_failed()
        self._close(city, CityOutcome(city.name, failed, len(city.due), city.failure))

    def _assemble(self, city: CityAtWork, tries: int = 1) -> Future[Any] | None:
        """Have a city's folder made; return the job, None where it is done already."""
        if tries > TRIES:
            self._publish(city, Assembled("the process that made its pages died, twice."))
            return None
        assembly = city.assembly(self.study, self.git)
        if not self.place.shared:
            self._publish(city, assemble(assembly))
            return None
        future = self._submitted(assemble, assembly)
        self._futures[future] = (city, None, tries)
        return future

    def _publish(self, city: CityAtWork, made: Assembled) -> None:
        """Put the city's folder in its place, unless the study was edited while its notebooks ran.

        Then they run again.
        """
        if made.failure:
            self._close(city, city.stopped(f"{city.name}: {made.failure}"))
            return
        if made.edited:
            self._run_again(city)
            return
        if made.kept:
            kept = short_path(self.output / f"{city.name}{KEPT}")
            self.tell(
                "kept",
                {
                    "city": city.name,
                    "files": list(made.kept),
                    "named": ", ".join(made.kept[:3]),
                    "count": len(made.kept),
                    "where": kept,
                },
            )
        city.publish()
        self.tell("city_published", {"city": city.name})
        self._close(city, CityOutcome(city.name, self.output / city.name, len(city.parts)))

    def _run_again(self, city: CityAtWork) -> None:
        city.edits += 1
        if city.edits >= EDITS:
            text = (
                f"{city.name}: the study's files change while they are read. Run again when "
                "nobody edits them."
            )
            self._close(city, city.stopped(text))
            return
        self.tell("city_again", {"city": city.name, "why": "the study was edited during the run"})
        try:
            study = load_study(self.study.folder)
            due = judge([one.task for one in city.due], study, self.output, some=self.some)
        except HALF_AN_EDIT as error:
            text = (
                f"{city.name}: the study was edited during the run, and cannot be read now: "
                f"{first_line(error)}"
            )
            self._close(city, city.stopped(text))
            return
        self.study, city.due = study, due
        self._open.remove(city)
        self._begin(city)

    def _close(self, city: CityAtWork, outcome: CityOutcome) -> None:
        self._outcomes[city.name] = outcome
        if city in self._open:
            self._open.remove(city)
        city.lock.release()
        event = "city_failed" if outcome.failure else "city_done"
        self.tell(
            event, {"city": city.name, "notebooks": outcome.notebooks, "why": outcome.failure}
        )
