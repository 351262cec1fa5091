"""The papermill engine `cssp`: `papermill --engine cssp any.ipynb out.ipynb` starts kernels fast.

Papermill finds it by its entry point. It is papermill's own engine with the kernel of
`cssp.runs.kernels.provisioner`; where that cannot be, or the notebook is in another language, the
notebook's own kernel starts and nothing else changes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from papermill.engines import NBClientEngine

from cssp.runs.kernels.provisioner import KERNEL, can_fork

#: Where the kernel is described, also where the package is not installed with its data.
KERNELS = Path(__file__).parent / "jupyter"


class ForkedEngine(NBClientEngine):  # type: ignore[misc,unused-ignore]
    """Papermill's own engine with kernels forked from one warm process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **told: Any) -> Any:
        """Execute a notebook as papermill does, its kernel forked where that can be."""
        if can_fork() and kernel_name in ("", None, "python3"):
            known = os.environ.get("JUPYTER_PATH", "")
            if str(KERNELS) not in known.split(os.pathsep):
                os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(KERNELS), known]))
            kernel_name = KERNEL
        return super().execute_managed_notebook(nb_man, kernel_name, **told)
