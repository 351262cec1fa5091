"""Interviews as they were coded, and the passages that coders dispute, as plain HTML.

No script, readable by keyboard and in black and white.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.interviews.disagreements import disagreements
from cssp.interviews.load import load_coded
from cssp.interviews.pseudonym_files import load_pseudonyms
from cssp.interviews.pseudonyms import pseudonym_places
from cssp.show.labels import Labels
from cssp.show.theme import PALETTE
from cssp.study.problems import ScoringError, nearest
from cssp.study.study import Study
from cssp.study.write_files import write_text

#: Each coder has a colour and a line of another kind, so that the colour is not needed to tell them
#: apart.
_LINES = ("solid", "dashed", "dotted", "double")

_STYLE = """\
.cssp-coded{max-width:46em;line-height:2.1;font-size:1rem;color:#111}
.cssp-coded p{margin:0 0 .9em;white-space:pre-wrap}
.cssp-coded mark{background:#FFF6D6;color:inherit;padding:.1em 0}
.cssp-coded mark:focus{outline:2px solid #111;outline-offset:2px}
.cssp-coded .tag{font-size:.72rem;line-height:1;border:1px solid #555;border-radius:.3em;padding:.1em .3em;margin:0 .2em;background:#fff;white-space:nowrap}
.cssp-coded ul.coders{list-style:none;padding:0}
.cssp-coded ul.coders li{display:inline-block;margin-right:1.4em}
.cssp-coded table{border-collapse:collapse;line-height:1.45}
.cssp-coded td,.cssp-coded th{border:1px solid #bbb;padding:.4em .6em;vertical-align:top;text-align:left}
"""


def _looks(coders: list[str]) -> dict[str, str]:
    """Return how each coder's line looks."""
    return {
        coder: f"{2 + (_LINES[n % len(_LINES)] == 'double')}px {_LINES[n % len(_LINES)]} "
        f"{PALETTE[n % len(PALETTE)]}"
        for n, coder in enumerate(coders)
    }


def interview_html(
    text: str,
    segments: pd.DataFrame,
    coders: list[str],
    labels: Labels,
    title: str,
    pseudonyms: dict[str, str] | None = None,
) -> str:
    """Return an interview with its coded spans.

    Each coder a line of its own under the words, each code named where it begins.

    Parameters
    ----------
    text : the interview
    segments : its segments: `coder, code, start, end`
    coders : in the order of their lines
    labels : the reader's words
    title : heading
    pseudonyms : name -> replacement; a name is replaced even where a segment begins or ends in it
    """
    words = labels.words
    looks = _looks(coders)
    own = segments[segments["coder"].isin(coders)].sort_values(
        ["start", "end", "coder", "code"], kind="stable"
    )
    cuts = sorted({0, len(text), *own["start"].astype(int), *own["end"].astype(int)})
    names = pseudonym_places(text, pseudonyms or {})
    parts = []
    for first, last in pairwise(cuts):
        here = own[(own["start"] <= first) & (own["end"] >= last)]
        shown = html.escape(_replaced(text, first, last, names))
        if here.empty:
            parts.append(shown)
            continue
        begun = here[here["start"] == first]
        tags = "".join(
            f'<span class="tag" style="border-bottom:{looks[r.coder]}">{html.escape(r.coder)}: '
            f"{html.escape(labels.code(r.code))}</span>"
            for r in begun.itertuples()
        )
        codes_text = "; ".join(f"{r.coder}: {labels.code(r.code)}" for r in here.itertuples())
        inner = shown
        for coder in dict.fromkeys(here["coder"]):
            inner = (
                "<span "
                f'style="border-bottom:{looks[coder]};padding-bottom:{2 + 4 * coders.index(coder)}px">{inner}</span>'
            )
        parts.append(
            f'{tags}<mark tabindex="0" title="{html.escape(codes_text)}" '
            f'aria-label="{html.escape(codes_text)}">{inner}</mark>'
        )
    listed = "".join(
        f'<li><span style="border-bottom:{looks[coder]}">{html.escape(coder)}</span></li>'
        for coder in coders
    )
    body = "".join(parts).replace("\r\n", "\n")
    return (
        f'<style>{_STYLE}</style><article class="cssp-coded" '
        f'lang="{labels.language}"><h3>{html.escape(title)}</h3>'
        f"<p>{html.escape(words('Each coder has a line of another kind under the words; a code is named where it begins. Tab goes from one passage to the next.'))}</p>"
        f'<ul class="coders">{listed}</ul><p>{body}</p></article>'
    )


def _replaced(text: str, first: int, last: int, names: list[tuple[int, int, str]]) -> str:
    """Return a piece of a text with names replaced.

    A name that began before the piece has been written already.
    """
    parts, place = [], first
    for start, end, replacement in names:
        if end <= first or start >= last:
            continue
        if start >= first:
            parts += [text[place:start], replacement]
        place = min(end, last)
    return "".join([*parts, text[place:last]])


def show_interview(
    study: Study,
    city: str,
    interview: str,
    language: str = "",
    coders: Iterable[str] | None = None,
    codes: Iterable[str] | None = None,
) -> Any:
    """Show an interview in JupyterLab with its coded spans, names replaced by their pseudonyms.

    Parameters
    ----------
    study, city, interview : which
    language : of the codes' labels; left out: the study's first
    coders, codes : only these; left out: all

    Returns
    -------
    what JupyterLab shows (`.data` is the HTML)

    Raises
    ------
    ScoringError
        There is no such interview.

    Examples
    --------
    >>> from cssp import load_study
    >>> study = load_study()
    >>> city = study.cities_with("interviews")[0]
    >>> first = load_coded(study, [city])[1]["interview"].iloc[0]
    >>> "<mark" in show_interview(study, city, first).data
    True
    """
    from IPython.display import HTML  # only here: without a notebook nothing is shown

    labels = Labels(study, language or study.file.languages[0])
    segments, interviews = load_coded(study, [city])
    row = interviews[interviews["interview"] == interview]
    if row.empty:
        raise ScoringError(
            f"There is no interview '{interview}' in {city}. "
            f"{nearest(interview, interviews['interview'])}"
        )
    own = segments[segments["interview"] == interview]
    known = {"code": study.codes.names, "coder": list(row["coders"].iloc[0])}
    for what, wanted in (("code", codes), ("coder", coders)):
        if strange := [name for name in wanted or () if name not in known[what]]:
            raise ScoringError(
                f"There is no {what} '{strange[0]}' here. {nearest(strange[0], known[what])}"
            )
    if codes is not None:
        own = own[own["code"].isin(list(codes))]
    chosen = list(row["coders"].iloc[0]) if coders is None else list(coders)
    title = f"{labels.city(city)}: {interview}"
    note = labels.data_note(["interviews"], [city])
    page = interview_html(
        row["text"].iloc[0], own, chosen, labels, title, load_pseudonyms(study, [city])
    )
    return HTML(page + (f"<p><em>{html.escape(note)}</em></p>" if note else ""))


def disagreement_html(table: pd.DataFrame, labels: Labels, note: str = "") -> str:
    """Return the passages that coders dispute as one page.

    Interview by interview, each with its context and who marked it.

    Parameters
    ----------
    table : from `disagreements`
    labels : the reader's words
    note : what must be said of the data
    """
    words = labels.words
    parts = [f"<h1>{html.escape(words('Passages that the coders dispute'))}</h1>"]
    if note:
        parts.append(f"<p><em>{html.escape(note)}</em></p>")
    parts.append(
        f"<p>{html.escape(words.plural('{count} passage.', '{count} passages.', len(table)))}</p>"
    )
    groups = list(table.groupby(["city", "interview"], sort=False))
    if groups:
        links = " · ".join(
            f'<a href="#{html.escape(str(i))}">{html.escape(str(i))}</a> ({len(part)})'
            for (_, i), part in groups
        )
        parts.append(f"<nav>{links}</nav>")
    heads = "".join(f"<th scope='col'>{html.escape(words(h))}</th>" for h in _HEADS)
    for (city, interview), part in groups:
        place = labels.city(str(city)) if city else ""
        parts.append(
            "<h2 "
            f'id="{html.escape(str(interview))}">{html.escape(f"{place} {interview}".strip())}</h2>'
        )
        rows = "".join(
            "<tr "
            f'id="{html.escape(r.passage)}"><td>{html.escape(labels.code(r.code))}<br><small>{html.escape(r.passage)}</small></td>'
            f"<td>{html.escape(r.marked_by)}</td><td>{html.escape(r.not_marked_by)}</td>"
            f"<td>… {html.escape(r.before)}<mark "
            f'tabindex="0">{html.escape(r.quotation)}</mark>{html.escape(r.after)} …</td></tr>'
            for r in part.itertuples()
        )
        parts.append(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
    title = html.escape(words("Passages that the coders dispute"))
    return (
        f'<!doctype html><html lang="{labels.language}"><head><meta '
        f'charset="utf-8"><title>{title}</title>'
        f"<style>body{{font-family:sans-serif;margin:1.5em}}{_STYLE}</style></head><body "
        f'class="cssp-coded">{"".join(parts)}</body></html>\n'
    )


_HEADS = ("code", "marked by", "not marked by", "passage")


def write_disagreement_page(
    study: Study,
    path: str | Path,
    cities: Iterable[str] | None = None,
    language: str = "",
    pseudonymised: bool = True,
) -> Path:
    """Write the passages that coders dispute as an HTML page to read side by side with the list of
    `write_disagreements`.

    Parameters
    ----------
    study, cities : what to take; cities None: all that have interviews
    path : the page
    language : of its words; left out: the study's first
    pseudonymised : replace names; turn off only for the team's own use

    Examples
    --------
    >>> import tempfile
    >>> from cssp import load_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = write_disagreement_page(load_study(), f'{folder}/list.html').name
    >>> name
    'list.html'
    """
    labels = Labels(study, language or study.file.languages[0])
    names = list(study.cities_with("interviews", cities))
    segments, interviews = load_coded(study, names)
    pseudonyms = load_pseudonyms(study, names) if pseudonymised else {}
    table = disagreements(segments, interviews, pseudonyms=pseudonyms)
    target = Path(path)
    write_text(target, disagreement_html(table, labels, labels.data_note(["interviews"], names)))
    return target
