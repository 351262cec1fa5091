"""The layout's direction: data flow load -> check -> score -> compare -> show, and imports the other way only."""

from __future__ import annotations

import ast
from pathlib import Path

from conftest import ROOT

PACKAGE = ROOT / "cssp"
STAGES = ("desk", "survey", "interviews")

#: Layers from the ground up: a module may import from layers below its own, and from its own.
LAYERS = [
    ["problems", "files", "intervals", "layouts"],
    ["corrections", "league", "odds"],
    ["yaml_files"],
    ["codebook"],
    ["city_file", "study_file"],
    ["study"],
    ["tabular", "privacy"],
    ["interviews.untrusted", "interviews.grammar", "interviews.newlines"],
    ["interviews.project", "interviews.sqlite"],
    ["interviews.refi_qda"],
    ["interviews.build"],
    ["interviews.merge", "interviews.qualcoder", "interviews.taguette", "interviews.segment_tables"],
    ["interviews.bridge"],
    ["answer_words"],
    ["questions"],
    ["desk.territories", "desk.references", "desk.parts", "desk.registers", "desk.wide", "desk.treasury_file", "desk.treasury_checks"],
    ["desk.treasury_layout", "desk.prices", "desk.regulation"],
    ["desk.load", "desk.successors", "desk.treasury", "survey.load", "survey.mapping", "interviews.load"],
    ["checking", "simulate", "simulate_cities", "draft", "draft_treasury", "draft_questionnaire", "draft_interviews", "survey.export", "interviews.export"],
    ["survey.frequency", "survey.groups", "survey.ranks", "survey.crosstab", "survey.factor"],
    ["survey.chunks", "survey.cube"],
    ["desk.indicators", "desk.growth", "desk.disproportion", "desk.composite"],
    ["desk.coverage", "desk.convergence", "desk.local_support", "survey.describe", "survey.balance", "survey.compare", "survey.ranking", "survey.witness",
     "survey.bootstrap", "survey.omnibus", "survey.adjusted", "survey.perception", "survey.scales", "survey.regression",
     "survey.concordance", "survey.profiles", "survey.power", "survey.weighting", "survey.quality",
     "interviews.coding", "interviews.units", "interviews.coefficients", "interviews.agreement", "interviews.alpha", "interviews.unitizing",
     "interviews.disagreements", "interviews.cooccurrence", "interviews.saturation", "interviews.quotations", "interviews.words",
     "interviews.names"],
    ["synthesis.joint"],
    ["show.words", "show.columns", "show.theme", "show.office"],
    ["show.labels", "show.table_view", "show.figure_view"],
    ["show.view", "show.plots", "show.workbook", "show.document"],
    ["show.export"],
    ["desk.figures", "desk.law_figures", "desk.readings", "desk.region_figures", "survey.figures", "survey.readings", "interviews.figures", "interviews.readings", "interviews.pages",
     "synthesis.figures", "synthesis.readings"],
    ["runs.warm", "runs.kernels", "runs.rehearsal", "runs.plan", "runs.fingerprint", "runs.due", "runs.notebook_results", "runs.refresh", "runs.keeping"],
    ["runs.one", "runs.store", "runs.summary", "runs.documents", "runs.manifest", "runs.progress", "runs.published", "runs.clusters"],
    ["runs.pages"],
    ["runs.assemble", "runs.index", "runs.executors"],
    ["runs.execute", "runs.crate"],
    ["runs.tidy", "runs.verify"],
    ["runs.batch"],
    ["cli_options"],
    ["cli_runs"],
    ["cli"],
]  # fmt: skip
LEVEL = {name: number for number, layer in enumerate(LAYERS) for name in layer}


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if not name.endswith(("__init__", "__main__")):
            found[name] = path
    return found


def imports(path: Path) -> list[tuple[str, bool]]:
    """The package's own modules that a file imports, and whether it does so inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("cssp"):
            names = [node.module.removeprefix("cssp").removeprefix(".")]
            if names == [""]:
                names = [alias.name for alias in node.names]
            elif names == ["runs"]:
                names = [f"runs.{alias.name}" for alias in node.names]
            found += [(name, id(node) in inside) for name in names if name]
        if isinstance(node, ast.Import):
            found += [
                (alias.name.removeprefix("cssp."), id(node) in inside)
                for alias in node.names
                if alias.name.startswith("cssp.")
            ]
    return [(name, hidden) for name, hidden in found if not name.startswith("__")]


def test_every_module_has_its_layer():
    assert sorted(modules()) == sorted(LEVEL)


def test_imports_flow_one_way():
    backward = [
        (name, target)
        for name, path in modules().items()
        for target, _ in imports(path)
        if LEVEL[target] > LEVEL[name] or target == name
    ]
    assert backward == []


def test_no_import_hides_in_a_function_to_dodge_the_order():
    """Only the command line and what it calls first import late: `cssp --help`, and a run with nothing to do, must be quick; the order holds all the same."""
    hidden = [
        (name, target)
        for name, path in modules().items()
        for target, inside in imports(path)
        if inside and name not in ("cli", "cli_runs", "cli_options", "runs.batch", "runs.executors")
    ]
    assert hidden == []


def test_stages_do_not_import_each_other():
    across = [
        (name, target)
        for name, path in modules().items()
        for target, _ in imports(path)
        if name.split(".")[0] in STAGES
        and target.split(".")[0] in STAGES
        and name.split(".")[0] != target.split(".")[0]
    ]
    assert across == []


def test_show_knows_no_stage_and_measures_know_no_figures():
    for name, path in modules().items():
        targets = {target for target, _ in imports(path)}
        if name.startswith("show."):
            assert not {t for t in targets if t.split(".")[0] in STAGES}
        if name.split(".")[0] in STAGES and not name.endswith(("figures", "readings", "pages")):
            assert not {t for t in targets if t.startswith("show.")}, name


def test_runs_know_notebooks_not_statistics_and_nothing_imports_the_command_line():
    for name, path in modules().items():
        targets = {target for target, _ in imports(path)}
        assert "cli" not in targets
        if name.startswith("runs."):
            assert not {t for t in targets if t.split(".")[0] in (*STAGES, "synthesis")}, name


def test_modules_are_small():
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}
    assert {name: length for name, length in lengths.items() if length > 620} == {}
