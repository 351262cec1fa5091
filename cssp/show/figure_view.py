"""A figure as it is read: the picture with alternative text, its caption below."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from cssp.show.theme import styled, wrap

#: Dots per inch of a picture.
DPI = 110
#: And of one for paper.
PRINT = 300


@dataclass(frozen=True)
class Drawing:
    """A figure and what it shows, in words, for those who do not see it.

    `spots` are marks with a text that a page and the SVG show when the pointer rests on them.
    """

    figure: Figure
    alt: str
    spots: tuple[tuple[Artist, str], ...] = ()


class FigureView:
    """A figure as it is read: the picture with alternative text, its caption below."""

    def __init__(self, name: str, caption: str, drawing: Drawing, note: str) -> None:
        self.name = name
        self.caption = caption
        self.alt = f"{caption}{'' if caption.endswith('?') else '.'} {drawing.alt}"
        self.figure = drawing.figure
        self.spots = drawing.spots
        for number, (mark, _) in enumerate(self.spots):
            mark.set_gid(f"spot-{number}")
        self.note = note
        self._pictures: dict[str, bytes] = {}
        if note:
            text = wrap(note, int(self.figure.get_figwidth() * 14))
            self.figure.text(
                0.5,
                -0.01,
                text,
                ha="center",
                va="top",
                fontsize=7.5,
                color="#555555",
                style="italic",
            )

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.alt}" + (f"\n{self.note}" if self.note else "")

    def picture(self, kind: str) -> bytes:
        """Return the picture as "png", "svg" or "print" (a PNG for paper).

        The same figure gives the same bytes.
        """
        if kind not in self._pictures:
            buffer = io.BytesIO()
            metadata = {"Date": None, "Creator": "cssp"} if kind == "svg" else {"Software": "cssp"}
            # a third quicker to write than the default level, and a tenth larger
            squeezed: dict[str, Any] = (
                {} if kind == "svg" else {"pil_kwargs": {"compress_level": 3}}
            )
            frame = self._frame
            with styled(
                figure__constrained_layout__use=False
            ):  # laid out already: one draw a picture
                self.figure.savefig(
                    buffer,
                    format="svg" if kind == "svg" else "png",
                    dpi=PRINT if kind == "print" else DPI,
                    metadata=metadata,
                    bbox_inches=frame,
                    **squeezed,
                )
            picture = buffer.getvalue()
            self._pictures[kind] = self._titled(picture) if kind == "svg" else picture
        return self._pictures[kind]

    def _titled(self, svg: bytes) -> bytes:
        """Return the SVG with the text of each spot, which a browser shows beside the pointer."""
        for number, (_, text) in enumerate(self.spots):
            mark = f'<g id="spot-{number}">'
            svg = svg.replace(mark.encode(), f"{mark}<title>{escape(text)}</title>".encode(), 1)
        return svg

    def _places(self) -> list[tuple[Any, ...]]:
        """Return each spot's text, left, top, width and height in per cent of the picture."""
        frame, dpi = self._frame, self.figure.dpi
        places = []
        for mark, text in self.spots:
            box = mark.get_window_extent()
            left, top = box.x0 / dpi - frame.x0, frame.y1 - box.y1 / dpi
            width, height = 100 / frame.width, 100 / frame.height
            sizes = (left * width, top * height, box.width / dpi * width, box.height / dpi * height)
            places.append((text, *(round(size, 2) for size in sizes)))
        return places

    @cached_property
    def _frame(self) -> Bbox:
        """The figure's place with all that stands in it, in inches.

        It is laid out once, not for every picture anew.
        """
        with styled(figure__constrained_layout__use=False):
            self.figure.set_dpi(DPI)
            engine = self.figure.get_layout_engine()
            if any(_placed_by_drawing(axes) for axes in self.figure.axes):
                self.figure.draw_without_rendering()
            elif engine is not None:
                engine.execute(self.figure)
            self.figure.set_layout_engine(
                None
            )  # it is laid out; a savefig without an engine draws once
            return self.figure.get_tightbbox().padded(matplotlib.rcParams["savefig.pad_inches"])

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        described = {"alt": self.alt}
        entry = {
            "kind": "figure",
            "name": self.name,
            "title": self.caption,
            "alt": self.alt,
            "note": self.note,
            **({"spots": self._places()} if self.spots else {}),
        }
        return {"image/png": self.picture("png"), "text/plain": repr(self)}, {
            "image/png": described,
            "cssp": entry,
        }


def _placed_by_drawing(axes: Axes) -> bool:
    """Tell whether something of the axes finds its place only when it is drawn.

    A fixed aspect, a frame around a text.
    """
    return axes.get_aspect() != "auto" or any(
        text.get_bbox_patch() is not None for text in axes.texts
    )
