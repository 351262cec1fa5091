"""Notebooks that take a moment, for tests of runs: what is tested there is how they are run."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat

from cssp.runs.execute import CityOutcome, Run
from cssp.runs.executors import on_this_machine
from cssp.runs.plan.plan import Task
from cssp.runs.plan.up_to_date import judge
from cssp.simulate.study import simulate_study
from cssp.study.study import load_study

PARAMETERS = """city = "x"  # the city
compare_with = []  # the others
study = ""  # the study
language = "en"  # the language
output = ""  # the folder
seed = 1  # the seed"""

TABLE = """import pandas as pd

import cssp

the_study = cssp.load_study(study)
show = cssp.Show(the_study, language, "survey", [city])
answers = cssp.load_survey(the_study, [city])
sizes = cssp.group_sizes(answers, ["city", "sector"], 5)
show.table(sizes, "{name}", "Respondents by city and sector")"""

FIGURE = """from cssp.show.plots import Part, dots
from cssp.show.figure_view import Drawing

drawn = dots(sizes.assign(n=sizes["n"].astype(float)), show.labels, "n", Part("sector", show.labels.sector), interval=None)
show.figure(Drawing(drawn, "Dots: respondents by sector."), "{name}", "Respondents by city and sector")"""


def write_notebook(
    path: Path, *cells: str, stages: tuple[str, ...] = ("survey",), **told: object
) -> Path:
    """Write a notebook of these code cells behind the parameters."""
    notebook = nbformat.v4.new_notebook(metadata={"cssp": {"stages": list(stages), **told}})
    first = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    notebook.cells = [
        nbformat.v4.new_markdown_cell(f"# {path.stem}"),
        first,
        *map(nbformat.v4.new_code_cell, cells),
    ]
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def write_pair(folder: Path) -> Path:
    """Write two notebooks that each save a table and a figure."""
    for name in ("01_one", "02_two"):
        write_notebook(
            folder / f"{name}.ipynb",
            TABLE.replace("{name}", name),
            FIGURE.replace("{name}", name),
            "show.save(output)",
        )
    return folder


#: Files of a run that tell of its time.
OF_THIS_RUN = ("manifest.json", "ro-crate-metadata.json")


def tree(folder: Path) -> dict[str, str]:
    """The hashes of a run's files, without those that tell of its time and the hidden folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in OF_THIS_RUN
        and not path.relative_to(folder).as_posix().startswith(".")
    }


def run_command(study: Path | str, notebooks: Path, output: Path | str, *more: str) -> list[str]:
    """Return `cssp run` of a study's notebooks."""
    told = ["--study", str(study), "--notebooks", str(notebooks), "-o", str(output)]
    return [sys.executable, "-m", "cssp", "run", *told, *more]


def small_study(folder: Path) -> Path:
    """Write a study of three simulated cities, and two notebooks beside it; return the folder."""
    simulate_study(folder / "study", 3)
    write_pair(folder / "notebooks")
    return folder


def execute(
    tasks: Sequence[Task],
    output: Path,
    jobs: int = 1,
    progress: Callable[[int, str], None] | None = None,
) -> list[CityOutcome]:
    """Execute tasks on this machine whatever results are there; one outcome a city."""
    study = load_study(str(tasks[0].parameters["study"]))

    def tell(event: str, told: dict[str, Any]) -> None:
        if progress is not None and event == "notebook_done":
            progress(1, f"{told['city']} {Path(told['notebook']).stem}")

    with on_this_machine(jobs) as place:
        return Run(study, judge(tasks, study, output, force=True), output, place, tell=tell).go()
