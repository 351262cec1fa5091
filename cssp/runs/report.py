"""Pages to read in the browser, made from the executed notebooks: a report a city, and an index with every figure and table."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, select_autoescape
from mistune import create_markdown

from cssp.files import write_text
from cssp.runs.plan import ALL_CITIES, stages_needed
from cssp.show.labels import Labels
from cssp.study import load_study
from cssp.yaml_files import in_language

_DIV = re.compile(r'<div lang="([a-z]{2})">\s*\n(.*?)\n\s*</div>', re.DOTALL)


def only_language(source: str, language: str) -> str:
    r"""Return a bilingual markdown text in one language; text outside the language blocks stays.

    >>> only_language('<div lang="en">\n\nHello\n\n</div>\n<div lang="ru">\n\nПривет\n\n</div>', "ru").strip()
    'Привет'
    """
    return _DIV.sub(lambda found: found.group(2) if found.group(1) == language else "", source)


def write_report(folder: Path, city: str, language: str, study_folder: Path) -> None:
    """Write `report.html` of one city from the executed notebooks in its folder."""
    study = load_study(study_folder)
    labels = Labels(study, language)
    chapters = [
        {"name": path.stem, "parts": list(_parts(path, language))} for path in sorted(folder.glob("*.ipynb"))
    ]
    page = _environment().get_template("report.html.j2").render(
        words=labels.words, language=language, city=_name(labels, city), title=in_language(study.file.title, language),
        note=_note(labels, folder, city), chapters=chapters,
    )  # fmt: skip
    write_text(folder / "report.html", page)


def write_index(output: Path, study_folder: Path, language: str, failures: dict[str, str]) -> Path:
    """Write `index.html`: every city with every figure and table, and what failed.

    Returns
    -------
    the page
    """
    study = load_study(study_folder)
    labels = Labels(study, language)
    cities = []
    for name in [*study.cities, ALL_CITIES]:
        folder = output / name
        if not (folder / "manifest.json").is_file():
            continue
        chapters = [
            {
                "notebook": path.name,
                "title": _title(path, language),
                "shown": list(_shown(path, folder, name)),
            }
            for path in sorted(folder.glob("*.ipynb"))
        ]
        cities.append(
            {
                "name": name,
                "label": _name(labels, name),
                "note": _note(labels, folder, name),
                "chapters": chapters,
            }
        )
    page = _environment().get_template("index.html.j2").render(
        words=labels.words, language=language, title=in_language(study.file.title, language), cities=cities,
        failures=[{"city": _name(labels, name), "text": text, "folder": f"{name}.failed"} for name, text in failures.items()],
    )  # fmt: skip
    path = output / "index.html"
    write_text(path, page)
    return path


def _name(labels: Labels, city: str) -> str:
    return labels.words("All cities together") if city == ALL_CITIES else labels.city(city)


def _note(labels: Labels, folder: Path, city: str) -> str:
    """Return what is said of made-up data in the stages that the folder's notebooks rest on, as far as the city has them."""
    study = labels.study
    stages = list(dict.fromkeys(stage for path in sorted(folder.glob("*.ipynb")) for stage in stages_needed(path)[0]))  # fmt: skip
    has = stages if city == ALL_CITIES else study.city(city).stages
    return labels.data_note([stage for stage in stages if stage in has], study.cities)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("cssp.runs"),
        autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _markdown(source: str) -> str:
    return str(create_markdown(escape=False, plugins=["table"])(source))


def _title(path: Path, language: str) -> str:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for line in only_language(cell.source, language).splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return path.stem


def _parts(path: Path, language: str) -> Iterator[dict[str, str]]:
    """Yield what a reader of the report sees of a notebook: prose, results, and the code, folded."""
    for cell in nbformat.read(path, as_version=4).cells:
        tags = set(cell.metadata.get("tags", []))
        if "notebook-only" in tags:
            continue
        if cell.cell_type == "markdown":
            yield {"kind": "prose", "html": _markdown(only_language(cell.source, language))}
            continue
        if cell.cell_type != "code":
            continue
        if not {"parameters", "injected-parameters", "hide-input"} & tags:
            yield {"kind": "code", "html": html.escape(cell.source)}
        for output in cell.outputs:
            shown = _output(output)
            if shown and "hide-output" not in tags:
                is_table = output.metadata.get("cssp", {}).get("kind") == "table"
                yield {"kind": "table" if is_table else "result", "html": shown}


def _output(output: Any) -> str:
    if output.output_type not in ("display_data", "execute_result"):
        return ""
    data, metadata = output.data, output.metadata
    told = metadata.get("cssp", {})
    if told.get("kind") == "figure":
        name, alt = html.escape(told["name"]), html.escape(told["alt"], quote=True)
        caption = html.escape(told["title"]) + (
            f"<br><em>{html.escape(told['note'])}</em>" if told["note"] else ""
        )
        return (
            f'<figure><img src="figures/{name}.png" alt="{alt}"><figcaption>{caption}</figcaption></figure>'
        )
    if "text/html" in data:
        return str(re.sub(r"<style>\[lang=.*?</style>", "", data["text/html"]))
    if "text/markdown" in data:
        return f'<div class="reading">{_markdown(data["text/markdown"])}</div>'
    return ""


def _shown(path: Path, folder: Path, city: str) -> Iterator[dict[str, str]]:
    """Yield the figures and tables of an executed notebook, with links into the city's folder."""
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            told = output.get("metadata", {}).get("cssp", {})
            if told.get("kind") == "figure" and (folder / "figures" / f"{told['name']}.png").is_file():
                base = f"{city}/figures/{told['name']}"
                yield {
                    "kind": "figure",
                    "png": f"{base}.png",
                    "svg": f"{base}.svg",
                    "title": told["title"],
                    "alt": told["alt"],
                    "note": told["note"],
                }
            elif told.get("kind") == "table" and (folder / "tables" / f"{told['name']}.csv").is_file():
                yield {
                    "kind": "table",
                    "title": told["title"],
                    "csv": f"{city}/tables/{told['name']}.csv",
                    "html": output["data"]["text/html"],
                }
