"""What the warm process does once before kernels are forked.

Import what the notebooks import, and draw one small figure.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import pkgutil

#: Imported by the notebooks' libraries when they are first used.
LATE = (
    "statsmodels.miscmodels.ordinal_model",
    "statsmodels.stats.multitest",
    "statsmodels.stats.proportion",
    "pymorphy3",
    "networkx",
    "razdel",
    "pysbd",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "babel.numbers",
    "babel.messages.mofile",
    "lxml.etree",
    "yaml",
    "pandas.io.parsers",
    "pandas.io.formats.string",
    "openpyxl",
    "python_calamine",
    "pyreadstat",
    "pyarrow.compute",
)
APART = ("cssp.runs", "cssp.cli", "cssp.__main__")


def rehearse() -> None:
    """Import every module of the package but the runs', and the libraries that are imported late.

    Draw a figure in both formats.
    """
    import cssp

    names = [found.name for found in pkgutil.walk_packages(cssp.__path__, "cssp.")]
    for name in (*LATE, *(name for name in names if not name.startswith(APART))):
        with contextlib.suppress(Exception):  # an extra that is not installed
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        _draw()
    with contextlib.suppress(Exception):
        words = importlib.import_module(
            "cssp.interviews.words"
        )  # its dictionary takes a quarter of a second to open
        words._analyzer("ru")


def _draw() -> None:
    """Find the fonts and fill the caches of a first figure."""
    import matplotlib.pyplot as plt

    with importlib.import_module("cssp.show.theme").styled():
        figure, panel = plt.subplots()
        panel.plot([0, 1], [0, 1], label="Пример, 0.5 %")
        panel.set_title("Пример −1")
        panel.legend()
        for kind in ("png", "svg"):
            figure.savefig(io.BytesIO(), format=kind)
        plt.close(figure)
