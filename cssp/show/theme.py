"""The look of every figure.

Colours that the colour-blind can tell apart, sizes, and a font that has Cyrillic.
"""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterator
from typing import Any

import matplotlib
import seaborn
from matplotlib.colors import to_rgb

#: Okabe & Ito's palette without yellow and black, which fade on paper or read as text.
PALETTE = seaborn.color_palette(
    ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
).as_hex()
MARKERS = ["o", "s", "D", "^", "v", "P"]
NEGATIVE, NEUTRAL, POSITIVE, SPECIAL = "#B35806", "#D9D9D9", "#2166AC", "#8C8C8C"

#: On seaborn's white grid; what is set here is ours.
STYLE = {
    **seaborn.axes_style("whitegrid"),
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E5E5E5",
    "grid.linewidth": 0.8,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "svg.hashsalt": "cssp",
    "svg.fonttype": "none",
    "legend.frameon": False,
}


#: Settings that say where a figure is drawn, not how.
_NOT_LOOK = frozenset(
    (
        "backend",
        "backend_fallback",
        "interactive",
        "toolbar",
        "timezone",
        "webagg.port",
        "webagg.address",
        "webagg.port_retries",
        "webagg.open_in_browser",
        "tk.window_focus",
    )
)


@contextlib.contextmanager
def styled(**more: Any) -> Iterator[None]:
    """Draw in the package's style and in nothing else.

    The reader's own `matplotlib` settings would make other figures of the same data, and nobody
    would know why.

    Parameters
    ----------
    more : further settings of Matplotlib; a double underscore stands for the dot

    >>> with styled(axes__grid=False):
    ...     matplotlib.rcParams["axes.grid"], matplotlib.rcParams["lines.linewidth"]
    (False, 1.5)
    """
    now, plain = matplotlib.rcParams, matplotlib.rcParamsDefault
    others = {
        name: value
        for name, value in plain.items()
        if name not in _NOT_LOOK and dict.__getitem__(now, name) != value
    }
    with matplotlib.rc_context(
        {**others, **STYLE, **{name.replace("__", "."): value for name, value in more.items()}}
    ):
        yield


def shades(count: int, colour: str) -> list[str]:
    """Return shades of a colour from pale to full, one for each answer on a side of the scale."""
    base = to_rgb(colour)
    steps = [0.45 + 0.55 * (i + 1) / count for i in range(count)] if count > 1 else [1.0] * count
    return [matplotlib.colors.to_hex([1 - (1 - part) * step for part in base]) for step in steps]


def wrap(text: str, width: int = 38) -> str:
    """Break a label into lines of about a width."""
    return (
        "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))
        or text
    )
