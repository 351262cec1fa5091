"""What is handed out to the executor, and what is tried again when a worker dies."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from cssp.runs.city_at_work import CityAtWork
from cssp.runs.executors import Place, end_pool, local_pool
from cssp.runs.plan.up_to_date import Due

#: How often a notebook is tried whose kernel or worker died.
TRIES = 2

Tell = Callable[[str, dict[str, Any]], None]


class JobQueue:
    """Jobs at one executor: notebooks, and cities to be put together.

    Parameters
    ----------
    place : the executor
    tell : told of everything that happens: the event's name and its particulars
    """

    def __init__(self, place: Place, tell: Tell | None = None) -> None:
        self.place = place
        self.tell: Tell = tell or (lambda event, told: None)
        self._open: list[CityAtWork] = []
        self._futures: dict[Future[Any], tuple[CityAtWork, Due | None, int]] = {}
        self._retry: deque[tuple[CityAtWork, Due, int]] = deque()
        self._suspects: deque[tuple[CityAtWork, Due | None, int]] = deque()
        self._alone: Future[Any] | None = None

    def _begin_next(self, queue: deque[CityAtWork]) -> bool:
        raise NotImplementedError

    def _hand_out(self, city: CityAtWork, one: Due, tries: int) -> Future[Any]:
        raise NotImplementedError

    def _assemble(self, city: CityAtWork, tries: int = 1) -> Future[Any] | None:
        raise NotImplementedError

    def _failed(self, city: CityAtWork, one: Due, reason: str) -> None:
        raise NotImplementedError

    def _submit(self, queue: deque[CityAtWork]) -> None:
        """Hand out jobs while there is room: of cities begun first, then of new ones."""
        # a cluster has one more waiting for each worker, so that none is idle while this process
        # makes a city's pages
        room = self.place.jobs if self.place.shared else 2 * self.place.jobs
        while len(self._futures) < room:
            if self._alone in self._futures:
                return
            if self._suspects:
                if self._futures:
                    return  # one at a time, so that who breaks the pool again takes nobody along
                city, suspect, tries = self._suspects.popleft()
                self._alone = (
                    self._assemble(city, tries)
                    if suspect is None
                    else self._hand_out(city, suspect, tries)
                )
                return
            if self._retry:
                city, one, tries = self._retry.popleft()
                self._hand_out(city, one, tries)
                continue
            city_with_work = next((city for city in self._open if city.waiting), None)
            if city_with_work is not None:
                self._hand_out(city_with_work, city_with_work.waiting.popleft(), 1)
                continue
            if not self._begin_next(queue):
                return

    def _submitted(self, function: Callable[..., Any], job: Any) -> Future[Any]:
        try:
            return self.place.executor.submit(function, job)
        except (BrokenProcessPool, OSError):
            # a worker was killed between two jobs; or just now, and its pipe is closed already
            if not isinstance(self.place.executor, ProcessPoolExecutor):
                raise
            self._workers_died([])
            return self.place.executor.submit(function, job)

    def _new_pool(self) -> None:
        end_pool(self.place.executor)
        self.place.executor = local_pool(self.place.jobs)

    def _workers_died(self, lost: list[tuple[CityAtWork, Due | None, int]]) -> None:
        """A worker was killed, and the pool with it: all that ran is tried again on new workers.

        Which of several was to blame cannot be told, so they run one at a time, and it counts as a
        try of those only that were alone.
        """
        lost = [*lost, *self._futures.values()]
        self._futures.clear()
        self._new_pool()
        for city, one, tries in lost:
            if one is None and len(lost) == 1:
                self._assemble(city, tries + 1)
            elif one is None:
                self._suspects.append((city, one, tries))
            elif len(lost) == 1:
                self._again(city, one, tries, "its worker died.")
            else:
                self._retried(city, one, "its worker died, or one beside it.")
                city.running -= 1
                self._suspects.append((city, one, tries))

    def _again(self, city: CityAtWork, one: Due, tries: int, reason: str) -> None:
        city.running -= 1
        if tries < TRIES:
            self._retried(city, one, reason)
            self._retry.append((city, one, tries + 1))
            return
        self._failed(city, one, reason)

    def _retried(self, city: CityAtWork, one: Due, reason: str) -> None:
        self.tell(
            "notebook_retried",
            {"city": city.name, "notebook": one.task.notebook.name, "why": reason},
        )

    def _drop_waiting(self, city: CityAtWork) -> None:
        city.waiting.clear()
        self._retry = deque(entry for entry in self._retry if entry[0] is not city)
        self._suspects = deque(entry for entry in self._suspects if entry[0] is not city)

    def _is_busy(self, city: CityAtWork) -> bool:
        """Tell whether notebooks of a city run, wait, or are to be tried again."""
        again = (*self._retry, *self._suspects)
        return bool(city.running or city.waiting) or any(entry[0] is city for entry in again)
