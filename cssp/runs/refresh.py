"""Execute notebooks in place, so that their stored outputs are those of today's code.

Nbval then holds them to it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cssp.study.write_files import write_text


def refresh(path: Path) -> None:
    """Execute one notebook with its own parameters and store its outputs.

    Without times and other changing metadata.
    """
    # not at the top: whoever only wants `forget_machine` is spared its second of import
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    forget_machine(notebook)
    write_text(path, nbformat.writes(notebook) + "\n")


def forget_machine(notebook: Any) -> None:
    """Take out of an executed notebook what differs from run to run and from machine to machine.

    Times, random ids, the kernel.
    """
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata.pop("execution", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        for notebook_path in sorted(Path(folder).rglob("[0-9]*.ipynb")):
            print(notebook_path)
            refresh(notebook_path)
