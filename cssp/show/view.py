"""What a notebook's cell ends in.

A table, a figure or a sentence, with its title, note and alternative text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.show.figure_view import Drawing, FigureView
from cssp.show.labels import Labels
from cssp.show.table_view import TableView
from cssp.show.words import LANGUAGES, WRITTEN
from cssp.stats.columns import Result
from cssp.study.problems import RunError, nearest, short_path
from cssp.study.study import Stage, Study
from cssp.study.write_files import write_bytes, write_text

#: JupyterLab sets all cells to the right; text reads better from the left.
_SIDES = (
    "table.cssp-table th,table.cssp-table td{text-align:left}table.cssp-table "
    ".n{text-align:right;font-variant-numeric:tabular-nums}"
)
#: Shown rows of a long table; all rows are in the saved file.
LONGEST = 60


#: What begins a tag, a picture or a link in Markdown; a sentence's own markup is bold type alone.
_TAG, _PICTURE = re.compile("<(?=[A-Za-z/!?])"), re.compile(r"!(?=\[)")
_LINK = re.compile(r"\](?=[(\[:])")


def without_markup(sentence: str) -> str:
    """Return a sentence in which nothing that came from a file is a tag, a picture or a link.

    Labels of cities, items and codes are other people's text: they stand in sentences as text, in
    JupyterLab, on pages and in documents alike.

    >>> without_markup("Code <script>x</script>: ![a](b), p < 0.001")
    'Code &lt;script>x&lt;/script>: &#33;[a&#93;(b), p < 0.001'
    """
    text = _TAG.sub("&lt;", sentence)
    text = _PICTURE.sub("&#33;", text)
    return _LINK.sub("&#93;", text)


class Show:
    """Shows a stage's results in one language.

    And remembers them so that the last cell can save them.

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
    >>> show.table(pd.DataFrame({"sector": ["npo"], "n": [9]}), "who",
    ...     "Respondents by city and sector").shown
            sector  n
    1  Non-profits  9
    """

    def __init__(
        self, study: Study, language: str, stage: Stage | list[Stage], cities: list[str]
    ) -> None:
        self.labels = Labels(study, language)
        self.words = self.labels.words
        self.cities = cities
        self.stages: list[Stage] = [stage] if isinstance(stage, str) else list(stage)
        self.data_note = self.labels.data_note(self.stages, cities)
        self.statuses: dict[str, str] = {}
        self.tables: dict[str, TableView] = {}
        self.figures: dict[str, FigureView] = {}
        self.printed: set[str] = set()

    def table(
        self,
        data: pd.DataFrame,
        name: str,
        title: str | Mapping[str, str],
        columns: list[str] | None = None,
        note: str | Mapping[str, str] = "",
        stage: Stage | None = None,
        empty: str = "The table is empty: there are no data for it.",
    ) -> TableView:
        """Show a table.

        Parameters
        ----------
        data : the result; all of it is saved
        name : the file's name when it is saved
        title : its title: an entry of the catalogue, or a text in every language (so with notes and
            captions)
        columns : the columns shown, None for all
        note : a further note, an entry of the catalogue
        stage : the stage whose data the table rests on, where the notebook has several
        empty : what to say when the table has no rows, an entry of the catalogue

        Raises
        ------
        RunError
            One of `columns` is neither in the table nor declared by its measure; the nearest name
            is told.
        """
        data = data.reset_index(drop=True)
        heads = self.labels.heads(data)
        visible = self.labels.as_it_reads(data)
        visible = visible if columns is None else visible[_asked_for(columns, data, visible, name)]
        study = self.labels.study  # of what the study has but one, no column tells anything
        one = {"sector": not study.file.sectors, "city": not study.has_cities}
        visible = visible.loc[
            :,
            [
                c
                for c in visible
                if not one.get(c, False) and (c != "note" or (visible["note"] != "").any())
            ],
        ]
        notes = [self.words(note)] if note else []
        cut = ""
        if len(visible) > 1.2 * LONGEST:  # a handful more is no reason to cut
            cut = self.words(
                "The first {shown} of {all} rows are shown; the saved table and the workbook have "
                "all.",
                shown=LONGEST,
                all=len(visible),
            )
            visible = visible.head(LONGEST)
        if len(data) == 0:
            notes.append(self.words(empty))
        stages = self.stages if stage is None else [stage]
        notes.append(self.labels.data_note(stages, self.cities))
        notes_text, columns = " ".join(notes).strip(), list(visible.columns)
        shown = self.labels.frame(visible, heads)
        view = TableView(name, self.words(title), data, shown, notes_text, columns, cut, heads)
        self.tables[name] = view
        self.statuses[name] = self._statuses(stages)
        return view

    def figure(
        self,
        drawing: Drawing,
        name: str,
        caption: str | Mapping[str, str],
        note: str = "",
        data: pd.DataFrame | None = None,
        for_print: bool = False,
    ) -> FigureView:
        """Show a figure; the caption is an entry of the catalogue, the note a further one.

        `data`, what it draws, is saved under its name where no table of the notebook shows it;
        with `for_print` a picture for paper is saved too (`NAME_print.png`).
        """
        if data is not None:
            self.table(data, name, caption, note=note)
        note_text = f"{self.words(note)} {self.data_note}".strip()
        view = FigureView(name, self.words(caption), drawing, note_text)
        self.figures[name] = view
        if for_print:
            self.printed.add(name)
        return view

    def _statuses(self, stages: list[Stage]) -> str:
        """Return the kinds of data behind a table, e.g. `observed+simulated`."""
        found = {status for one in stages for status in self.labels.study.status(one, self.cities)}
        return "+".join(sorted(found)) or "observed"

    def say(self, sentence: str) -> Any:
        """Show a sentence made from a table (Markdown)."""
        from IPython.display import Markdown

        return Markdown(without_markup(sentence))

    def weighted_by(self, answers: Any) -> str:
        """Return the note beside tables of weighted answers; empty where all count alike."""
        if "weight" not in answers:
            return ""
        return self.words(
            "Weighted: shares and balances count the respondents' weights (a column that city.yaml "
            "names); n are respondents, intervals rest on the effective number of answers. Tests "
            "of ranks, models and scales count all respondents alike."
        )

    def grouped_by(self, item: str) -> str:
        """Say what respondents are told apart by, where it is not their sector.

        From then on titles and sentences speak of groups instead of sectors.
        """
        self.words.grouped = item != "sector"
        if not self.words.grouped:
            return ""
        sentence = self.words(
            "Respondents are told apart by “{item}”: where the text of this notebook speaks of "
            "sectors, these groups are meant. Who rates whom and the profile stay with the "
            "sectors.",
            item=self.labels.item(item),
        )
        return f"{sentence}\n\n"

    def banner(self) -> Any:
        """Show what must be said first: which data are made up.

        And hide the prose of the other language.
        """
        from IPython.display import HTML

        language = self.labels.language
        prose = language if language in WRITTEN else WRITTEN[0]
        other = [code for code in WRITTEN if code != prose]
        style = "".join(f"[lang={code}]{{display:none}}" for code in other) + _SIDES
        note = (
            '<div class="alert alert-warning '
            f'cssp-banner"><strong>{html.escape(self.data_note)}</strong></div>'
            if self.data_note
            else ""
        )
        if prose != language:
            text = self.words(
                "The text of this notebook is not written in this language yet; it stands in "
                "English."
            )
            note += f'<div class="alert alert-info cssp-prose">{html.escape(text)}</div>'
        others, known = len(self.cities) - 1, len(self.labels.study.cities) - 1
        if 0 <= others < known:
            text = self.words(
                "Of the {all} other cities of the study, {shown} are compared here.",
                all=known,
                shown=others,
            )
            note += f'<div class="alert alert-info cssp-peers">{html.escape(text)}</div>'
        return HTML(f"<style>{style}</style>{note}")

    def save(self, output: str) -> str:
        """Write every table shown as CSV (full precision, codes) and every figure as SVG and PNG.

        Nothing when `output` is empty.

        Each table ends in a column `data` that says whether its numbers rest on observed, simulated
        or invented data.
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
            if "data" not in data:  # a table of several stages says row by row
                data["data"] = self.statuses[name]
            write_text(
                folder / "tables" / f"{name}.csv", data.to_csv(index=False, lineterminator="\n")
            )
        for name, figure in self.figures.items():
            for kind in ("svg", "png"):
                write_bytes(folder / "figures" / f"{name}.{kind}", figure.picture(kind))
            if name in self.printed:
                write_bytes(folder / "figures" / f"{name}_print.png", figure.picture("print"))
        return self.words(
            "Saved: {tables} tables and {figures} figures.",
            tables=len(self.tables),
            figures=len(self.figures),
        )


def _asked_for(
    columns: list[str], data: pd.DataFrame, visible: pd.DataFrame, name: str
) -> list[str]:
    """Return the columns asked for that are there.

    What a measure declares may be absent, what nobody knows is refused.
    """
    known = {*map(str, data.columns), *(data.declared if isinstance(data, Result) else ())}
    # a text in the reader's language may be absent where the original is in it: `gloss_ru` beside
    # `gloss_en`
    stems = {
        name[: -len(code) - 1] for name in known for code in LANGUAGES if name.endswith(f"_{code}")
    }
    known |= {f"{stem}_{code}" for stem in stems for code in LANGUAGES}
    if len(data.columns):
        for column in columns:
            if column not in known:
                raise RunError(
                    f"The table '{name}' has no column '{column}'. {nearest(column, known)}"
                )
    return [column for column in columns if column in visible]
