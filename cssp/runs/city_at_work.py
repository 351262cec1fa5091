"""A city at work: what waits of it, and its files in the hidden folder until published."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from cssp.runs.assemble import Assembly
from cssp.runs.deliver import PART, Outcome, flush_tree, write_note
from cssp.runs.plan.fingerprint import hashed
from cssp.runs.plan.up_to_date import KEPT, Due, read_manifest
from cssp.runs.provenance import since_crate
from cssp.runs.publish import exchange
from cssp.study.study import Study, default_study


@dataclass
class CityOutcome:
    """What became of one city."""

    city: str
    folder: Path
    notebooks: int = 0
    failure: str = ""
    why: list[str] = field(default_factory=list)


@dataclass
class CityAtWork:
    """A city at work, in one output.

    Its finished notebooks lie in `parts`, failed ones in `failed`, what is put together in `work`.
    """

    name: str
    output: Path
    due: list[Due]
    lock: FileLock
    waiting: deque[Due] = field(default_factory=deque)
    running: int = 0
    parts: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    edits: int = 0
    edited: bool = False

    def stopped(self, failure: str) -> CityOutcome:
        """Return the outcome of a city whose folder stays as it was."""
        return CityOutcome(self.name, self.output / self.name, len(self.due), failure)

    def place(self, folder: str) -> Path:
        """Return the city's place in a folder of the hidden one: parts, failed, work, old."""
        return self.output / ".cssp" / folder / self.name

    def part(self, one: Due) -> Path:
        """Return where a finished notebook lies until the city is published."""
        return self.place("parts") / one.task.notebook.stem

    def has_part(self, one: Due) -> bool:
        """Tell whether a run that was stopped left this notebook finished, from the same inputs."""
        with contextlib.suppress(OSError, ValueError):
            note = json.loads((self.part(one) / PART).read_text(encoding="utf-8"))
            return str(note["key"]) == key_of(one)
        return False

    def unpack(self, one: Due, result: Outcome) -> None:
        """Write what a worker elsewhere sent back, as a worker here would have."""
        place = self.place("failed") if result.failure else self.part(one)
        work = place.with_name(f".{place.name}.tmp")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        for name, content in result.files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(content)
        if not result.failure:
            write_note(work, result, key_of(one))
        flush_tree(work)
        shutil.rmtree(place, ignore_errors=True)
        work.rename(place)

    def assembly(self, study: Study, git: dict[str, object]) -> Assembly:
        """Return what the job needs that puts the city's folder together."""
        fresh = {
            one.task.notebook.name: one for one in self.due if one.task.notebook.name in self.parts
        }
        before = read_manifest(self.output / self.name).get("notebooks", {})
        return Assembly(
            self.name,
            str(study.folder),
            str(self.due[0].task.parameters["language"]),
            self.parts,
            {name: one.fingerprint for name, one in fresh.items()},
            tuple(name for name in before if name not in fresh and name not in self.due[0].gone),
            str(self.output / self.name),
            str(self.place("work")),
            git,
            {name: one.task for name, one in fresh.items()},
            str(self.output / f"{self.name}{KEPT}"),
        )

    def publish(self) -> None:
        """Put the city's folder in its place, and take away what was kept for it."""
        work = self.place("work")
        since_crate.note(self.output, self.name, work)
        exchange(work, self.output / self.name, self.place("old"))
        left = self.output / f"{self.name}.failed"
        done = {*self.parts, *self.due[0].gone}
        if not {path.name for path in left.glob("*.ipynb")} - done:
            shutil.rmtree(left, ignore_errors=True)  # another notebook's failure stays told
        shutil.rmtree(self.place("parts"), ignore_errors=True)
        shutil.rmtree(self.place("failed"), ignore_errors=True)

    def keep_failed(self) -> Path:
        """Lay the notebooks that failed beside the city's results; return where."""
        failed, kept = self.output / f"{self.name}.failed", self.place("failed")
        shutil.rmtree(failed, ignore_errors=True)
        if kept.is_dir():
            kept.rename(failed)
        return failed


def key_of(one: Due) -> str:
    """Return the key of a notebook's inputs, by which a finished part is known again."""
    return hashed(one.fingerprint)


def study_as_shown(study: Study, output: Path) -> str:
    """Return how an executed notebook names the study.

    Nothing for the default one, else from the city's folder.
    """
    if study.folder == default_study().resolve():
        return ""
    try:
        return Path(os.path.relpath(study.folder, output.resolve() / "city")).as_posix()
    except ValueError:  # another drive
        return str(study.folder)
