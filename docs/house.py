"""The order of the house, and its map: `python docs/house.py` draws docs/map.md from the code."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "cssp"
#: Folders of `cssp/` from the ground up; a folder may import from those of lower ranks, those of
#: one rank not from each other.
RANKS = [
    ["study"],
    ["stats", "tables"],
    ["tables/services", "show"],
    ["desk", "survey", "interviews/exchange", "simulate"],
    [
        "desk/treasury",
        "desk/inequality_measures",
        "survey/balance_families",
        "interviews/exchange/formats",
    ],
    ["interviews"],
    ["interviews/coefficients", "interviews/transcripts"],
    ["synthesis", "draft", "privacy"],
    ["runs/plan", "runs/kernels"],
    ["runs/report", "runs/elsewhere"],
    ["runs/provenance"],
    ["runs"],
    ["cli"],
]


def first_line(path: Path) -> str:
    """Return the first line of a file's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]


def imported(folder: Path) -> set[str]:
    """Return the folders that the files of a folder import from."""
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cssp."):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.startswith("cssp.")]
            for name in names:
                place = PACKAGE.parent / name.replace(".", "/")
                while not place.is_dir():
                    place = place.parent
                found.add(place.relative_to(PACKAGE).as_posix())
    return found - {folder.relative_to(PACKAGE).as_posix(), "."}


def drawn() -> str:
    """Return the map as Markdown: a picture of who imports whom, then a line a file."""
    lines = [
        "# The house",
        "",
        "Drawn from the code by `make map`. A room knows only what stands below it.",
        "",
    ]
    lines += ["```mermaid", "flowchart TD"]
    top = [{folder.split("/")[0] for folder in rank} for rank in reversed(RANKS)]
    rooms = list(dict.fromkeys(room for rank in top for room in sorted(rank)))
    lines += [f"  {room}" for room in rooms]
    arrows = {
        (folder.split("/")[0], target.split("/")[0])
        for rank in RANKS
        for folder in rank
        for target in imported(PACKAGE / folder)
    }
    lines += [f"  {a} --> {b}" for a, b in sorted(arrows) if a != b]
    lines += ["```", ""]
    for rank in reversed(RANKS):
        for folder in rank:
            path = PACKAGE / folder
            lines += [f"## {folder}", "", first_line(path / "__init__.py"), ""]
            files = sorted(one for one in path.glob("*.py") if not one.name.startswith("__"))
            lines += [f"- `{one.name}`: {first_line(one)}" for one in files]
            lines += [""]
    return "\n".join(lines)


if __name__ == "__main__":
    (Path(__file__).parent / "map.md").write_text(drawn(), encoding="utf-8")
