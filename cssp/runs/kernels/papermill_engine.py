"""A papermill engine that remembers the notebook it executes.

Where a kernel is ended, what it had put out can still be shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

#: The notebook at work in this process, in a list of at most one: a process executes one at a time.
_AT_WORK: list[Any] = []


@cache
def engine() -> str:
    """Return the name of the engine for `papermill.execute_notebook`.

    Papermill, a second to import, is imported when it is first asked for.
    """
    from papermill.engines import NBClientEngine, papermill_engines

    class KeepingEngine(NBClientEngine):  # type: ignore[misc,unused-ignore]
        """Papermill's own engine; the notebook stays at hand when it raises."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **told: Any) -> Any:
            """Execute a notebook as papermill does."""
            _AT_WORK[:] = [nb_man.nb]
            return super().execute_managed_notebook(nb_man, kernel_name, **told)

    papermill_engines.register("cssp-keeping", KeepingEngine)
    return "cssp-keeping"


def forget() -> None:
    """Forget the notebook that was at work before the next one is."""
    _AT_WORK.clear()


def as_far_as_it_came(reason: str, unshown: Iterable[tuple[str, str]] = ()) -> Any:
    """Return the notebook whose kernel ended, with the reason below the cell that ran.

    None where none had begun.

    Parameters
    ----------
    reason : why it ended
    unshown : stream and text of what it had printed last
    """
    from nbformat.v4 import new_output

    if not _AT_WORK:
        return None
    notebook = _AT_WORK.pop()
    begun = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    if begun:
        output = new_output("error", ename="Ended", evalue=reason, traceback=[f"Ended: {reason}"])
        rest = [new_output("stream", name=name, text=text) for name, text in unshown]
        begun[-1].outputs = [*begun[-1].outputs, *rest, output]
    return notebook
