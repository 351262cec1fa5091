"""What a notebook's cell ends in: a table, a figure or a sentence, with its title, note and alternative text."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from cssp.files import write_bytes, write_text
from cssp.problems import RunError, short_path
from cssp.show.labels import Labels
from cssp.show.theme import STYLE, wrap
from cssp.study import Stage, Study

#: Shown rows of a long table; all rows are in the saved file.
LONGEST = 60
#: Dots per inch of a picture.
DPI = 110


@dataclass(frozen=True)
class Drawing:
    """A figure and what it shows, in words, for those who do not see it."""

    figure: Figure
    alt: str


class TableView:
    """A result as it is read: title above, labelled columns, note below; `.data` is the table itself."""

    def __init__(
        self,
        name: str,
        title: str,
        data: pd.DataFrame,
        shown: pd.DataFrame,
        note: str,
        columns: list[str] | None = None,
        cut: str = "",
    ) -> None:
        self.cut = cut
        self.columns = list(data.columns) if columns is None else columns
        self.name = name
        self.title = title
        self.data = data
        self.shown = shown
        self.note = note

    @property
    def below(self) -> str:
        """What stands below the table where it is shown: that it is cut, and its note."""
        return f"{self.cut} {self.note}".strip()

    def __repr__(self) -> str:
        text = f"{self.title}\n\n{self.shown.to_string(index=False)}" if len(self.shown) else self.title
        return f"{text}\n\n{self.below}" if self.below else text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        table = ""
        if len(self.shown):
            table = self.shown.to_html(index=False, border=0, classes="cssp-table", justify="left")
        title = f'<p class="cssp-title"><strong>{html.escape(self.title)}</strong></p>'
        note = f'<p class="cssp-note"><em>{html.escape(self.below)}</em></p>' if self.below else ""
        described = {
            "kind": "table",
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "columns": self.columns,
        }
        return {"text/html": title + table + note, "text/plain": repr(self)}, {"cssp": described}


class FigureView:
    """A figure as it is read: the picture with alternative text, its caption below."""

    def __init__(self, name: str, caption: str, drawing: Drawing, note: str) -> None:
        self.name = name
        self.caption = caption
        self.alt = f"{caption}{'' if caption.endswith('?') else '.'} {drawing.alt}"
        self.figure = drawing.figure
        self.note = note
        self._pictures: dict[str, bytes] = {}
        if note:
            text = wrap(note, int(self.figure.get_figwidth() * 14))
            self.figure.text(
                0.5, -0.01, text, ha="center", va="top", fontsize=7.5, color="#555555", style="italic"
            )

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.alt}" + (f"\n{self.note}" if self.note else "")

    def picture(self, kind: str) -> bytes:
        """Return the picture as "png" or "svg"; the same figure gives the same bytes."""
        if kind not in self._pictures:
            buffer = io.BytesIO()
            metadata = {"Date": None, "Creator": "cssp"} if kind == "svg" else {"Software": "cssp"}
            frame = self._frame
            with matplotlib.rc_context(
                {**STYLE, "figure.constrained_layout.use": False}
            ):  # laid out already: one draw a picture
                self.figure.savefig(buffer, format=kind, dpi=DPI, metadata=metadata, bbox_inches=frame)
            self._pictures[kind] = buffer.getvalue()
        return self._pictures[kind]

    @cached_property
    def _frame(self) -> Bbox:
        """The figure's place with all that stands in it, in inches. It is laid out once, not for every picture anew."""
        with matplotlib.rc_context(STYLE):
            self.figure.set_dpi(DPI)
            self.figure.draw_without_rendering()
            with matplotlib.rc_context({"figure.constrained_layout.use": False}):
                self.figure.set_layout_engine(None)  # it is laid out; a savefig without an engine draws once
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
        }
        return {"image/png": self.picture("png"), "text/plain": repr(self)}, {
            "image/png": described,
            "cssp": entry,
        }


class Show:
    """Shows a stage's results in one language, and remembers them so that the last cell can save them.

    Parameters
    ----------
    study : the study
    language : "en" or "ru"
    stage : the stage (or stages) whose data the results rest on
    cities : the cities whose data the results rest on

    Examples
    --------
    >>> import pandas as pd
    >>> from cssp import load_study
    >>> study = load_study()
    >>> show = Show(study, "en", "survey", study.cities)
    >>> show.table(pd.DataFrame({"sector": ["npo"], "n": [9]}), "who", "Respondents by city and sector").shown
            sector  n
    1  Non-profits  9
    """

    def __init__(self, study: Study, language: str, stage: Stage | list[Stage], cities: list[str]) -> None:
        self.labels = Labels(study, language)
        self.words = self.labels.words
        self.cities = cities
        self.stages: list[Stage] = [stage] if isinstance(stage, str) else list(stage)
        self.data_note = self.labels.data_note(self.stages, cities)
        self.statuses: dict[str, str] = {}
        self.tables: dict[str, TableView] = {}
        self.figures: dict[str, FigureView] = {}

    def table(
        self,
        data: pd.DataFrame,
        name: str,
        title: str,
        columns: list[str] | None = None,
        note: str = "",
        stage: Stage | None = None,
        empty: str = "The table is empty: there are no data for it.",
    ) -> TableView:
        """Show a table.

        Parameters
        ----------
        data : the result; all of it is saved
        name : the file's name when it is saved
        title : its title, an entry of the catalogue
        columns : the columns shown, None for all
        note : a further note, an entry of the catalogue
        stage : the stage whose data the table rests on, where the notebook has several
        empty : what to say when the table has no rows, an entry of the catalogue
        """
        data = data.reset_index(drop=True)
        visible = data if columns is None else data[[c for c in columns if c in data]]
        visible = self._as_it_reads(data, visible)
        visible = visible.loc[:, [c for c in visible if c != "note" or (visible["note"] != "").any()]]
        notes = [self.words(note)] if note else []
        cut = ""
        if len(visible) > LONGEST:
            cut = self.words(
                "The first {shown} of {all} rows are shown; the saved file has all (set `output` to save).",
                shown=LONGEST,
                all=len(visible),
            )
            visible = visible.head(LONGEST)
        if len(data) == 0:
            notes.append(self.words(empty))
        stages = self.stages if stage is None else [stage]
        notes.append(self.labels.data_note(stages, self.cities))
        told, columns = " ".join(notes).strip(), list(visible.columns)
        view = TableView(name, self.words(title), data, self.labels.frame(visible), told, columns, cut)
        self.tables[name] = view
        self.statuses[name] = self._statuses(stages)
        return view

    def _as_it_reads(self, data: pd.DataFrame, visible: pd.DataFrame) -> pd.DataFrame:
        """Return the shown columns in the reader's language, where the result has them so (`act_ru` beside `act`); the saved table keeps both."""
        told = {
            name: f"{name}_{self.labels.language}"
            for name in visible
            if f"{name}_{self.labels.language}" in data
        }
        return visible.assign(
            **{name: data[own].where(data[own] != "", data[name]) for name, own in told.items()}
        )

    def figure(self, drawing: Drawing, name: str, caption: str) -> FigureView:
        """Show a figure; the caption is an entry of the catalogue."""
        view = FigureView(name, self.words(caption), drawing, self.data_note)
        self.figures[name] = view
        return view

    def _statuses(self, stages: list[Stage]) -> str:
        """Return the kinds of data behind a table, e.g. `observed+simulated`."""
        found = {status for one in stages for status in self.labels.study.status(one, self.cities)}
        return "+".join(sorted(found)) or "observed"

    def say(self, sentence: str) -> Any:
        """Show a sentence made from a table (Markdown)."""
        from IPython.display import Markdown

        return Markdown(sentence)

    def banner(self) -> Any:
        """Show what must be said first: which data are made up; and hide the prose of the other language."""
        from IPython.display import HTML

        other = [code for code in ("en", "ru") if code != self.labels.language]
        style = "".join(f"[lang={code}]{{display:none}}" for code in other)
        note = (
            f'<div class="alert alert-warning cssp-banner"><strong>{html.escape(self.data_note)}</strong></div>'
            if self.data_note
            else ""
        )
        others, known = len(self.cities) - 1, len(self.labels.study.cities) - 1
        if 0 <= others < known:
            text = self.words(
                "Of the {all} other cities of the study, {shown} are compared here.", all=known, shown=others
            )
            note += f'<div class="alert alert-info cssp-peers">{html.escape(text)}</div>'
        return HTML(f"<style>{style}</style>{note}")

    def save(self, output: str) -> str:
        """Write every table shown as CSV (full precision, codes) and every figure as SVG and PNG; nothing when `output` is empty.

        Each table ends in a column `data` that says whether its numbers rest on observed, simulated or invented data.
        """
        if not output:
            return self.words("Nothing was saved: the parameter `output` is empty.")
        folder = Path(output)
        if folder.exists() and not folder.is_dir():
            raise RunError(
                f"{short_path(folder)} is a file, not a folder; name another folder for the output."
            )
        for name, view in self.tables.items():
            data = view.data.copy()
            data["data"] = self.statuses[name]
            write_text(folder / "tables" / f"{name}.csv", data.to_csv(index=False, lineterminator="\n"))
        for name, figure in self.figures.items():
            for kind in ("svg", "png"):
                write_bytes(folder / "figures" / f"{name}.{kind}", figure.picture(kind))
        return self.words(
            "Saved: {tables} tables and {figures} figures.",
            tables=len(self.tables),
            figures=len(self.figures),
        )
