"""Which entries of the catalogue the code and the notebooks use, found by reading them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import nbformat

from cssp.show.columns import COLUMNS, SPOKEN, VALUES
from cssp.show.grouped import BY_GROUP

ROOT = Path(__file__).parent.parent
CALLERS = {"words", "catalogue"}


def words_used() -> set[str]:
    """Every text that is looked up in the catalogue."""
    found = {heading for heading, _ in COLUMNS.values()} | set(VALUES) | set(SPOKEN.values())
    found |= set(BY_GROUP.values())
    for path in (ROOT / "cssp").rglob("*.py"):
        found |= set(_in_code(path.read_text(encoding="utf-8")))
    for path in (ROOT / "cssp" / "runs" / "report" / "templates").glob("*.j2"):
        found |= set(_in_template(path.read_text(encoding="utf-8")))
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        told = nbformat.read(path, as_version=4)
        found |= {rule["label"] for rule in told.metadata["cssp"].get("key_figures", [])}
        for cell in told.cells:
            if cell.cell_type == "code":
                found |= set(_in_notebook(cell.source))
    return found


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal texts an argument can be: a text, or one of several chosen by a key or a condition."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
            yield part.value


def _in_code(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in CALLERS and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant | ast.Subscript):
                yield from _texts(
                    argument.value if isinstance(argument, ast.Subscript) else argument
                )
        if isinstance(node, ast.Call) and _name(node.func) in ("Column", "bounds"):
            # a column's heading, the headings of an interval's bounds
            headings = node.args[1:2] if _name(node.func) == "Column" else node.args[3:5]
            yield from (text for heading in headings for text in _texts(heading))
        if isinstance(node, ast.Call) and _name(node.func) == "plural":
            yield from (
                argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)
            )
        if isinstance(node, ast.Assign) and any(_name(t).startswith("NOTE_") for t in node.targets):
            yield from _texts(node.value)
        # loops over (key, text) pairs that are looked up by the text
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple):
            for pair in node.iter.elts:
                if (
                    isinstance(pair, ast.Tuple)
                    and len(pair.elts) == 2
                    and all(isinstance(e, ast.Constant) for e in pair.elts)
                ):
                    text = pair.elts[1].value
                    if isinstance(text, str) and " " in text and "{" in text:
                        yield text


def _in_template(source: str) -> Iterator[str]:
    import re

    yield from re.findall(r"""words\(["'](.+?)["']\)""", source)


def _in_notebook(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and _name(node.func) in ("table", "figure")
            and len(node.args) > 2
        ):
            yield from _texts(node.args[2])
            yield from (
                text
                for k in node.keywords
                if k.arg in ("note", "empty")
                for text in _texts(k.value)
            )
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "show.words" and node.args:
            yield from _texts(node.args[0])
