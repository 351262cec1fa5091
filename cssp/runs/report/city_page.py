"""A city's pages.

The report to read in the browser, made from its executed notebooks, the workbook and the document
beside it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from mistune import create_markdown

from cssp.runs.plan.plan import ALL_CITIES, stages_needed
from cssp.runs.plan.up_to_date import SUMMARY
from cssp.runs.report.documents import write_document, write_workbook
from cssp.runs.report.key_figures import summarise
from cssp.runs.report.notebook_results import only_language, read_cells, title_of
from cssp.show.labels import Labels
from cssp.show.words import Words
from cssp.study.problems import first_line
from cssp.study.read_yaml import in_language
from cssp.study.study import load_study
from cssp.study.write_files import write_text

REPORT = "report.html"
#: Columns of a table that an upright sheet of paper has room for.
UPRIGHT = 9


def write_city_pages(
    folder: Path, city: str, language: str, study_folder: Path, notebooks: Iterable[str]
) -> None:
    """Write `report.html`, `report.xlsx`.

    `report.docx` and `summary.json` of one city from the executed notebooks in its folder.

    Parameters
    ----------
    folder : the city's, with notebooks, tables and figures
    city : the city, or `ALL_CITIES`
    language : of the pages
    study_folder : the study
    notebooks : file names of the notebooks, in order
    """
    study = load_study(study_folder)
    labels = Labels(study, language)
    paths = [folder / name for name in notebooks]
    name, note = city_label(labels, city), data_note(labels, city, paths)
    title = in_language(study.file.title, language)
    downloads, missing = [], []
    writers: list[tuple[str, str, Callable[[Path], bool]]] = [
        (
            "report.xlsx",
            labels.words("Excel workbook with all tables"),
            lambda path: write_workbook(path, folder, paths, labels),
        ),
        (
            "report.docx",
            labels.words("Word document"),
            lambda path: write_document(path, folder, paths, labels, f"{name}. {title}", note),
        ),
    ]
    for file, label, write in writers:
        try:
            if write(folder / file):
                downloads.append((file, label))
        except Exception as error:  # a convenience that cannot be made costs nothing else
            missing.append(
                labels.words("{file} could not be made: {why}", file=file, why=first_line(error))
            )
    chapters = [
        {
            "name": path.stem,
            "title": title_of(path, language),
            "notebook": path.name,
            "parts": list(_parts(path, language, labels)),
        }
        for path in paths
    ]
    short = [told for path in paths for told in _in_short(path)]
    page = (
        environment()
        .get_template("report.html.j2")
        .render(
            words=labels.words,
            language=language,
            in_short="".join(markdown(told, trusted=False) for told in short),
            city=name,
            title=title,
            note=note,
            chapters=chapters,
            downloads=downloads,
            missing=missing,
        )
    )
    write_text(folder / REPORT, page)
    told = {
        "city": city,
        "label": name,
        "language": language,
        "note": note,
        "in_short": short,
        "pictures": [told for path in paths for told in _pictures(path)],
        **summarise(folder, city, paths, labels),
    }
    write_text(folder / SUMMARY, json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n")


def city_label(labels: Labels, city: str) -> str:
    """Return how a city is called, or all of them together."""
    return labels.words("All cities together") if city == ALL_CITIES else labels.city(city)


def data_note(labels: Labels, city: str, notebooks: Iterable[Path]) -> str:
    """Return what is said of made-up data in the stages that the notebooks rest on.

    As far as the city has them.
    """
    study = labels.study
    stages = list(dict.fromkeys(stage for path in notebooks for stage in stages_needed(path)[0]))
    has = stages if city == ALL_CITIES else study.city(city).stages
    cities = study.cities if city == ALL_CITIES else [city, *study.neighbours(city)]
    return labels.data_note([stage for stage in stages if stage in has], cities)


@cache
def environment() -> Environment:
    """Return the templates."""
    found = Environment(
        loader=PackageLoader("cssp.runs.report"),
        autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["code"] = with_code
    return found


def with_code(text: str) -> Markup:
    """Return a sentence of the catalogue as HTML, its commands (in backticks) set as code."""
    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text)))


def markdown(source: str, deeper: int = 1, trusted: bool = True) -> str:
    """Return Markdown as HTML, its headings one level deeper: a page has one title of its own.

    Tags in it count only where it is a notebook's own text (`trusted`), not what a cell printed.
    """
    told = source if trusted else re.sub("<(?=[A-Za-z/!?])", "&lt;", source)
    text = str(create_markdown(escape=False, plugins=["table"])(told))
    return re.sub(
        r"(</?h)([1-5])\b",
        lambda found: f"{found.group(1)}{min(int(found.group(2)) + deeper, 6)}",
        text,
    )


def _in_short(path: Path) -> Iterator[str]:
    """Yield what a notebook found, in sentences: what its cells with the tag `in-short` say."""
    for cell in read_cells(path):
        if cell["cell_type"] == "code" and "in-short" in cell.get("metadata", {}).get("tags", []):
            for output in cell["outputs"]:
                if "text/markdown" in output.get("data", {}):
                    yield "".join(output["data"]["text/markdown"])


def _pictures(path: Path) -> Iterator[dict[str, str]]:
    """Yield the figures that a notebook gives to the study's first page (tag `in-short`)."""
    for cell in read_cells(path):
        if "in-short" in cell.get("metadata", {}).get("tags", []):
            for output in cell.get("outputs", []):
                told = output.get("metadata", {}).get("cssp", {})
                if told.get("kind") == "figure":
                    yield {name: told[name] for name in ("name", "title", "alt")}


def _parts(path: Path, language: str, labels: Labels) -> Iterator[dict[str, Any]]:
    """Yield what a reader of the report sees of a notebook.

    Prose, results, and the code, folded.
    """
    for cell in read_cells(path):
        tags = set(cell.get("metadata", {}).get("tags", []))
        if "notebook-only" in tags:
            continue
        if cell["cell_type"] == "markdown":
            source = _with_attachments(only_language(cell["source"], language), cell)
            yield {"kind": "prose", "html": markdown(source)}
            continue
        if cell["cell_type"] != "code":
            continue
        if not {"parameters", "injected-parameters", "hide-input"} & tags:
            yield {"kind": "code", "html": html.escape(cell["source"])}
        for output in cell["outputs"]:
            shown = _output(output, labels.words)
            if shown and "hide-output" not in tags:
                told = output.get("metadata", {}).get("cssp", {})
                yield {
                    "kind": "table" if told.get("kind") == "table" else "result",
                    "html": shown,
                    "label": told.get("title", ""),
                    "name": told.get("name", ""),
                    "across": len(told.get("columns", ())) > UPRIGHT,
                }


def _with_attachments(source: str, cell: Mapping[str, Any]) -> str:
    """Put the pictures that were pasted into a cell where its text names them."""
    for name, kinds in cell.get("attachments", {}).items():
        for kind, content in kinds.items():
            source = source.replace(f"attachment:{name}", f"data:{kind};base64,{''.join(content)}")
    return source


#: Outputs that live in a browser with JupyterLab's own scripts; a page that works offline cannot
#: have them.
LIVE = ("application/vnd.", "application/javascript", "text/latex")


def _output(output: dict[str, Any], words: Words) -> str:
    if output["output_type"] == "stream" and output["name"] == "stdout":
        text = "".join(output["text"])
        return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""
    if output["output_type"] not in ("display_data", "execute_result"):
        return ""
    data, told = output["data"], output["metadata"].get("cssp", {})
    if told.get("kind") == "figure":
        name, alt = html.escape(told["name"]), html.escape(told["alt"], quote=True)
        note = f"<br><em>{html.escape(told['note'])}</em>" if told["note"] else ""
        return (
            f'<figure><a href="figures/{name}.svg"><img src="figures/{name}.png" alt="{alt}" '
            'loading="lazy"></a>'
            f"<figcaption>{html.escape(told['title'])}{note}</figcaption></figure>"
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
        return (
            "<p "
            f'class="small">{html.escape(words("This output is interactive; it is in the notebook."))}</p>'
        )
    if "text/plain" in data:
        return f"<pre>{html.escape(''.join(data['text/plain']))}</pre>"
    return ""
