"""The house's order: data flow load -> check -> score -> compare -> show, and imports the other way only.

Folders have ranks; a file may import from folders of lower ranks and from its own folder, where no two files import each other.
"""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))
import house  # noqa: E402

PACKAGE = ROOT / "cssp"
STAGES = ("desk", "survey", "interviews")
#: Lines of a module, at most and in the median.
LONGEST, MEDIAN = 400, 150

#: Folders from the ground up, as the map has them.
RANKS = house.RANKS
RANK = {folder: number for number, folders in enumerate(RANKS) for folder in folders}
#: In a stage, these draw and word what the others compute.
SHOWING = ("figures", "readings", "pages")


def modules() -> dict[str, Path]:
    """Every module of the package by its path below it, without its ending."""
    found = {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in PACKAGE.rglob("*.py")
    }
    return {
        name: path for name, path in found.items() if "/" in name and not name.endswith("__main__")
    }


def imports(path: Path) -> list[tuple[str, bool]]:
    """The package's own modules that a file imports, and whether it does so inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("cssp."):
            base = PACKAGE.parent / node.module.replace(".", "/")
            for alias in node.names:
                submodule = (base / f"{alias.name}.py").exists()
                found.append(
                    (
                        f"{node.module}.{alias.name}" if submodule else node.module,
                        id(node) in inside,
                    )
                )
        if isinstance(node, ast.Import):
            found += [
                (alias.name, id(node) in inside)
                for alias in node.names
                if alias.name.startswith("cssp.")
            ]
    return [(name.removeprefix("cssp.").replace(".", "/"), hidden) for name, hidden in found]


def folder(name: str) -> str:
    return name.rpartition("/")[0]


ARROWS = [(name, target) for name, path in modules().items() for target, _ in imports(path)]


def test_nothing_lies_loose_at_the_root():
    assert sorted(path.name for path in PACKAGE.glob("*.py")) == ["__init__.py", "__main__.py"]


def test_every_folder_has_its_rank():
    assert {folder(name) for name in modules()} == set(RANK)


@pytest.mark.parametrize("name", sorted({name for name, _ in ARROWS}))
def test_imports_flow_one_way(name):
    own = folder(name)
    backward = [
        target
        for source, target in ARROWS
        if source == name and folder(target) != own and RANK[folder(target)] >= RANK[own]
    ]
    assert backward == []


def test_no_two_files_of_a_folder_import_each_other_not_even_by_way_of_others():
    within = {
        name: {t for s, t in ARROWS if s == name and folder(t) == folder(name)}
        for name in modules()
    }

    def reached(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        ways = within.get(name, set())
        return ways | {far for near in ways - seen for far in reached(near, seen | {name})}

    assert [name for name in within if name in reached(name)] == []


def test_no_import_hides_in_a_function_to_dodge_the_order():
    """Only the command line and what it calls first import late: `cssp --help`, and a run with nothing to do, must be quick."""
    late = tuple(
        f"cli/{name}"
        for name in ("main", "add", "runs", "interviews", "tables", "options", "results", "speech")
    )
    late += ("runs/batch", "runs/executors")
    hidden = [
        (name, target)
        for name, path in modules().items()
        for target, inside in imports(path)
        if inside and name not in late
    ]
    assert hidden == []


def test_stages_do_not_import_each_other():
    stage = {name: name.split("/")[0] for name, _ in ARROWS} | {
        t: t.split("/")[0] for _, t in ARROWS
    }
    assert [
        (a, b) for a, b in ARROWS if {stage[a], stage[b]} <= set(STAGES) and stage[a] != stage[b]
    ] == []


def test_show_knows_no_stage_and_measures_know_no_figures():
    upward = [(a, b) for a, b in ARROWS if a.startswith("show/") and b.split("/")[0] in STAGES]
    drawn = [
        (a, b)
        for a, b in ARROWS
        if a.split("/")[0] in STAGES and b.startswith("show/") and not a.endswith(SHOWING)
    ]
    assert upward == drawn == []


def test_runs_know_notebooks_not_statistics():
    """What a page of a run needs of a statistic is named by the notebook's metadata and imported by that name."""
    statistical = (*STAGES, "synthesis", "stats")
    assert [
        (a, b) for a, b in ARROWS if a.startswith("runs/") and b.split("/")[0] in statistical
    ] == []


def test_nothing_imports_the_command_line():
    assert [(a, b) for a, b in ARROWS if b.startswith("cli/") and not a.startswith("cli/")] == []


def test_the_map_is_that_of_the_code():
    assert (ROOT / "docs" / "map.md").read_text(encoding="utf-8") == house.drawn(), "run `make map`"


def test_modules_are_small():
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert statistics.median(lengths.values()) <= MEDIAN


#: Tests of a whole way through a stage, named for what goes in or comes out; all others are named
#: for the module that they are about.
WHOLE_WAYS = {
    "desk": {"add_forms", "regions", "other_country", "treasury", "whole_tables"},
    "interviews": {"commands", "random_projects", "transcripts", "whole_projects"},
    "survey": {"whole_files"},
}


def test_tests_are_named_for_the_modules_they_are_about():
    lost = []
    for stage in (*STAGES, "stats", "show", "synthesis", "tables", "cli"):
        known = {path.stem for path in (PACKAGE / stage).rglob("*.py")}
        lost += [
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / "tests" / stage).glob("test_*.py")
            if path.stem.removeprefix("test_") not in known | WHOLE_WAYS.get(stage, set())
        ]
    assert lost == []
