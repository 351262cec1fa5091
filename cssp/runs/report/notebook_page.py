"""A notebook as a page of its own: contents, prose, results, and the code, folded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cssp.runs.report.notebook_results import (
    called,
    numbers_of,
    only_language,
    read_cells,
    title_of,
)
from cssp.runs.report.pages import environment, markdown
from cssp.show.labels import Labels
from cssp.show.words import Words
from cssp.study.write_files import write_text

#: Columns of a table that an upright sheet of paper has room for.
UPRIGHT = 9
_LINK = re.compile(r'<a href="(?:\.\./|workshop/)?(\d[^"/]*)\.ipynb">(.*?)</a>', re.DOTALL)
#: What stands before the title of a table or a figure.
_TITLES = {"figure": "<figcaption>", "table": '<p class="cssp-title"><strong>'}
_HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)


def write_notebook_page(
    path: Path, labels: Labels, city: str, note: str, beside: Sequence[tuple[str, str]]
) -> None:
    """Write the page of an executed notebook beside it.

    Parameters
    ----------
    path : the notebook
    labels : the reader's words
    city : how the city is called
    note : what is said of made-up data
    beside : pages of all notebooks of the city, with what they are called
    """
    parts = list(_parts(path, labels, {Path(file).stem for file, _ in beside}))
    for part in parts:
        part["html"] = _without_note(part["html"], note)
    contents = _with_anchors(parts)
    results = [(part["anchor"], part["label"]) for part in parts if part.get("label")]
    page = (
        environment()
        .get_template("notebook.html.j2")
        .render(
            words=labels.words,
            language=labels.language,
            title=title_of(path, labels.language),
            city=city,
            note=note,
            contents=contents,
            results=results,
            parts=parts,
            beside=[(file, name) for file, name in beside if Path(file).stem != path.stem],
        )
    )
    write_text(path.with_suffix(".html"), page)


def _with_anchors(parts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Give each heading of the prose an anchor; return those of the second level."""
    contents: list[tuple[str, str]] = []
    count = 0
    for part in parts:
        if part["kind"] != "prose":
            continue
        pieces, last = [], 0
        for found in _HEADING.finditer(part["html"]):
            count += 1
            if found.group(1) == "2":
                contents.append((f"section-{count}", re.sub("<[^>]*>", "", found.group(2))))
            pieces += [
                part["html"][last : found.start()],
                f'<h{found.group(1)} id="section-{count}"',
            ]
            last = found.start() + len("<h2")
        part["html"] = "".join(pieces) + part["html"][last:]
    return contents


def _parts(path: Path, labels: Labels, pages: set[str]) -> Iterator[dict[str, Any]]:
    """Yield what a reader of the page sees of a notebook: prose, results, and the code, folded."""
    numbers = numbers_of(path)
    for cell in read_cells(path):
        tags = set(cell.get("metadata", {}).get("tags", []))
        if "notebook-only" in tags:
            continue
        if cell["cell_type"] == "markdown":
            source = _with_attachments(only_language(cell["source"], labels.language), cell)
            text = re.sub(r"\A\s*# .*", "", source)  # the page has it as its title
            yield {"kind": "prose", "html": _linked(markdown(text, deeper=0), pages)}
            continue
        if cell["cell_type"] != "code":
            continue
        if not {"parameters", "injected-parameters", "hide-input"} & tags:
            yield {"kind": "code", "html": html.escape(cell["source"])}
        for output in cell["outputs"]:
            shown = _output(output, labels.words)
            if shown and "hide-output" not in tags:
                text = output.get("metadata", {}).get("cssp", {})
                name, title = text.get("name", ""), text.get("title", "")
                if (number := numbers.get((text.get("kind", ""), name))) is not None:
                    begin = f"{called(text['kind'], number, labels.words)} "
                    place = _TITLES[text["kind"]]
                    shown = shown.replace(place, f"{place}{begin}", 1)
                    title = f"{begin}{text['title']}"
                csv = f"tables/{name}.csv"
                yield {
                    "kind": "table" if text.get("kind") == "table" else "result",
                    "html": shown,
                    "label": title,
                    "anchor": f"table-{name}" if text.get("kind") == "table" else name,
                    "csv": csv if name and (path.parent / csv).is_file() else "",
                    "across": len(text.get("columns", ())) > UPRIGHT,
                }


def _without_note(text: str, note: str) -> str:
    """Take out of a result what the head of the page says already of made-up data."""
    if not note:
        return text
    escaped = re.escape(html.escape(note))
    banner = rf'<div class="alert[^"]*cssp-banner"><strong>{escaped}</strong></div>'
    left = re.sub(rf"{banner}|(?<=<em>){escaped}| ?{escaped}(?=</em>)", "", text)
    return re.sub(r'<p class="cssp-note"><em></em></p>|<br><em></em>', "", left)


def _linked(text: str, pages: set[str]) -> str:
    """Turn links between notebooks into links between pages; to one that was not run there is none.

    Parameters
    ----------
    text : HTML of a notebook's own prose
    pages : stems of the notebooks that have a page here
    """

    def link(found: re.Match[str]) -> str:
        stem, label = found.groups()
        return f'<a href="{stem}.html">{label}</a>' if stem in pages else label

    return _LINK.sub(link, text)


def _with_attachments(source: str, cell: Mapping[str, Any]) -> str:
    """Put the pictures that were pasted into a cell where its text names them."""
    for name, kinds in cell.get("attachments", {}).items():
        for kind, content in kinds.items():
            source = source.replace(f"attachment:{name}", f"data:{kind};base64,{''.join(content)}")
    return source


#: Outputs that live in a browser with JupyterLab's own scripts; a page that works offline cannot
#: have them.
LIVE = ("application/vnd.", "application/javascript", "text/latex")


def _class(shown: Mapping[str, Any]) -> str:
    return ' class="spots"' if shown.get("spots") else ""


def _spots(shown: Mapping[str, Any]) -> str:
    """Return places over a picture that say what they are when the pointer rests on them."""
    return "".join(
        f'<span aria-hidden="true" title="{html.escape(str(text), quote=True)}" style="left:'
        f'{float(left)}%;top:{float(top)}%;width:{float(width)}%;height:{float(height)}%"></span>'
        for text, left, top, width, height in shown.get("spots", ())
    )


def _output(output: dict[str, Any], words: Words) -> str:
    if output["output_type"] == "stream" and output["name"] == "stdout":
        text = "".join(output["text"])
        return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""
    if output["output_type"] not in ("display_data", "execute_result"):
        return ""
    data, shown = output["data"], output["metadata"].get("cssp", {})
    if shown.get("kind") == "figure":
        name, alt = html.escape(shown["name"]), html.escape(shown["alt"], quote=True)
        note = f"<br><em>{html.escape(shown['note'])}</em>" if shown["note"] else ""
        return (
            f'<figure id="{name}"><a href="figures/{name}.svg"{_class(shown)}><img '
            f'src="figures/{name}.png" alt="{alt}" loading="lazy">{_spots(shown)}</a>'
            f"<figcaption>{html.escape(shown['title'])}{note}</figcaption></figure>"
        )
    if "text/html" in data:
        return re.sub(r"<style>\[lang=.*?</style>", "", data["text/html"])
    if "text/markdown" in data:
        return f'<div class="reading">{markdown(data["text/markdown"], trusted=False)}</div>'
    for kind in ("image/png", "image/jpeg", "image/gif"):
        if kind in data:
            alt = html.escape(
                words("A picture of the notebook, without a description."), quote=True
            )
            return (
                f'<figure><img src="data:{kind};base64,{"".join(data[kind]).strip()}" '
                f'alt="{alt}"></figure>'
            )
    if any(kind.startswith(LIVE) for kind in data):
        shown = words("This output is interactive; it is in the notebook.")
        return f'<p class="small">{html.escape(shown)}</p>'
    if "text/plain" in data:
        return f"<pre>{html.escape(''.join(data['text/plain']))}</pre>"
    return ""
