"""What a person, a log or a machine sees of a run.

One bar and a line for each running notebook, plain lines, or JSON events.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

#: Events of a run -> what is said of them in plain lines; the rest is told to machines only.
SAID = {
    "notebook_done": "{city} {notebook} done{after}",
    "notebook_failed": "{city} {notebook} failed: {why}",
    "notebook_retried": "{city} {notebook} is tried again: {why}",
    "city_done": "{city} done",
    "city_failed": "{why}",
    "city_again": "{city} runs again: {why}",
    "waiting": "{city} waits: {why}",
    "cluster_waits": "the cluster has no worker yet; notebooks begin when its queue gives it one",
    "kept": "{city}: what somebody changed or put there ({named}) is kept in {where}",
}


class Progress:
    """Told of every event of a run (`Run.tell`); to be used as a context.

    Parameters
    ----------
    total : notebooks in all
    as_json : write one JSON object an event to standard output, for machines
    translate : gives a line in the language of whoever reads
    """

    def __init__(
        self, total: int, as_json: bool = False, translate: Callable[[str], str] = str
    ) -> None:
        self.translate = translate
        self.total = total
        self.as_json = as_json
        self.stream: TextIO = sys.stderr
        self.done = 0
        self._begun = time.monotonic()
        self._bar: Any = None
        self._lines: dict[tuple[str, str], Any] = {}
        self._said: set[tuple[str, str]] = set()

    def __enter__(self) -> Progress:
        if not self.as_json and self.stream.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                TextColumn,
                TimeElapsedColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bars

            self._bar = Bars(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=Console(file=self.stream),
                transient=False,
            )
            self._bar.start()
            self._whole = self._bar.add_task(self.translate("all notebooks"), total=self.total)
        return self

    def __exit__(self, *told: object) -> None:
        if self._bar is not None:
            for line in self._lines.values():
                self._bar.remove_task(line)
            self._bar.stop()

    def __call__(self, event: str, particulars: dict[str, Any]) -> None:
        """Take one event."""
        if event in ("notebook_done", "notebook_failed"):
            self.done += 1
            self.total = max(self.total, self.done)  # a city whose study was edited runs twice
        if self.as_json:
            entry = {
                "event": event,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                **particulars,
                "done": self.done,
                "total": self.total,
            }
            print(json.dumps(entry, ensure_ascii=False), flush=True)
        elif self._bar is not None:
            self._draw(event, particulars)
        else:
            self._say(event, particulars)

    def _draw(self, event: str, particulars: dict[str, Any]) -> None:
        key = (str(particulars.get("city", "")), str(particulars.get("notebook", "")))
        if event == "notebook_began" and key not in self._lines:
            self._lines[key] = self._bar.add_task(f"  {key[0]} {Path(key[1]).stem}", total=None)
        if event in ("notebook_done", "notebook_failed"):
            self._bar.update(self._whole, completed=self.done)
            if key in self._lines:
                self._bar.remove_task(self._lines.pop(key))
        if event in (
            "notebook_failed",
            "notebook_retried",
            "city_again",
            "waiting",
            "cluster_waits",
            "city_failed",
            "kept",
        ):
            self._once(event, particulars, self._bar.console.print)

    def _say(self, event: str, particulars: dict[str, Any]) -> None:
        self._once(event, particulars, lambda text: print(text, file=self.stream, flush=True))

    def _once(self, event: str, particulars: dict[str, Any], say: Any) -> None:
        if event not in SAID or (
            event == "waiting" and (event, str(particulars["city"])) in self._said
        ):
            return
        self._said.add((event, str(particulars.get("city"))))
        seconds = particulars.get("seconds")
        after = (
            " (as before)"
            if particulars.get("reused")
            else f" in {seconds:.1f} s"
            if seconds
            else ""
        )
        left = ""
        if event == "notebook_done" and self.done < self.total:
            rest = (time.monotonic() - self._begun) / self.done * (self.total - self.done)
            left = f"; {self.done} of {self.total}, {_duration(rest)} left"
        line = SAID[event].format(**{"notebook": "", **particulars}, after=after) + left
        say(self.translate(line))


def _duration(seconds: float) -> str:
    """Write a time roughly: 40 s, 5 min, 2.5 h.

    >>> _duration(40), _duration(300), _duration(9000)
    ('40 s', '5 min', '2.5 h')
    """
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )
