"""The notebooks: what papermill sees of them, how they read, and that every way to run them gives the same numbers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from conftest import ROOT
from lxml import html

import cssp
from cssp.runs.plan.plan import ALL_CITIES, cities_needed, for_all_cities, goes_deeper
from cssp.runs.report.notebook_results import only_language

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
PARAMETERS = ["city", "compare_with", "study", "language", "output", "seed"]


#: What some notebooks can be asked besides.
MORE = {path.stem: ["wave", "group"] for path in NOTEBOOKS if path.stem.startswith("02")}


def test_the_argument_is_short_and_begins_with_its_findings() -> None:
    for path in (path for path in NOTEBOOKS if not goes_deeper(path)):
        cells = nbformat.read(path, 4).cells
        assert sum(cell.cell_type == "code" for cell in cells) <= 30, path.stem
        if path.stem[:2] in ("01", "02", "03", "04"):
            first = next(c for c in cells if "in-short" in c.metadata.get("tags", []))
            headings = [c for c in cells[: cells.index(first)] if "\n## " in c.source]
            assert "## In short" in headings[0].source


def test_what_goes_deeper_is_linked_both_ways() -> None:
    argument = "".join(path.read_text("utf-8") for path in NOTEBOOKS if not goes_deeper(path))
    for path in filter(goes_deeper, NOTEBOOKS):
        assert argument.count(f"](workshop/{path.name})") >= 2, path.name  # in both languages
        (parent,) = {
            one.name
            for one in NOTEBOOKS
            if not goes_deeper(one) and one.stem.startswith(path.stem[:2])
        }
        assert f"](../{parent})" in path.read_text("utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestEachNotebook:
    def test_papermill_sees_every_parameter_with_its_help(self, path):
        seen = papermill.inspect_notebook(str(path))
        assert list(seen) == [*PARAMETERS, *MORE.get(path.stem, [])]
        assert all(told["help"] for told in seen.values())

    def test_the_parameters_cell_is_plain(self, path):
        (cell,) = [
            c for c in nbformat.read(path, 4).cells if "parameters" in c.metadata.get("tags", [])
        ]
        for line in cell.source.splitlines():
            assert line.count("=") == 1
            assert "|" not in line
            assert "  # " in line

    def test_cells_are_short_and_define_nothing(self, path):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                assert len(cell.source.splitlines()) <= 15
                assert "def " not in cell.source
                assert "lambda" not in cell.source
                assert "class " not in cell.source

    def test_prose_is_in_both_languages_and_names_no_number(self, path):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type != "markdown":
                continue
            english, russian = only_language(cell.source, "en"), only_language(cell.source, "ru")
            assert english.strip() and russian.strip()
            assert english != russian
            assert any("а" <= c <= "я" for c in russian)

    def test_intervals_stand_around_their_estimates_on_the_same_scale(self, path):
        for cell in nbformat.read(path, 4).cells:
            for output in cell.get("outputs", []):
                told = output.get("metadata", {}).get("cssp", {})
                if told.get("kind") != "table" or "ci_low" not in told["columns"]:
                    continue
                low = told["columns"].index("ci_low")
                estimate = told["heads"]["ci_low"][3]
                assert told["heads"]["ci_low"][1] == told["heads"][estimate][1], (
                    "an interval is written as its estimate"
                )
                if estimate not in told["columns"]:
                    continue
                places = [told["columns"].index(estimate), low, low + 1]
                for row in html.fromstring("".join(output["data"]["text/html"])).xpath(
                    "//tbody/tr"
                ):
                    texts = [row[place].text_content() for place in places]
                    if "—" in texts:
                        continue
                    assert len({text.endswith("%") for text in texts}) == 1, (told["name"], texts)
                    estimate, least, most = (
                        float(text.rstrip("%").replace("−", "-").replace(",", "")) for text in texts
                    )
                    rounding = 1.5 * 10.0 ** -min(
                        len(text.rstrip("%").partition(".")[2]) for text in texts
                    )
                    assert least - rounding <= estimate <= most + rounding, (told["name"], texts)

    def test_outputs_are_stored_and_free_of_errors(self, path):
        cells = [c for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
        assert all(c.execution_count for c in cells)
        shown = [o for c in cells for o in c.outputs]
        assert len(shown) >= (3 if goes_deeper(path) else 8)
        assert not [o for o in shown if o.output_type in ("error", "stream")]

    def test_every_figure_has_a_table_and_alternative_text(self, path):
        outputs = [
            o for c in nbformat.read(path, 4).cells if c.cell_type == "code" for o in c.outputs
        ]
        figures = [
            o.metadata["cssp"]
            for o in outputs
            if o.get("metadata", {}).get("cssp", {}).get("kind") == "figure"
        ]
        tables = [
            o for o in outputs if o.get("metadata", {}).get("cssp", {}).get("kind") == "table"
        ]
        assert figures or goes_deeper(path)
        assert len(tables) >= len(figures)
        for figure in figures:
            assert len(figure["alt"]) > 60

    def test_what_is_made_up_says_so(self, path):
        outputs = [
            o for c in nbformat.read(path, 4).cells if c.cell_type == "code" for o in c.outputs
        ]
        for output in outputs:
            told = output.get("metadata", {}).get("cssp", {})
            if path.stem.startswith("02") and told.get("kind") == "figure":
                assert told["note"].startswith("Simulated data")
            if path.stem.startswith("03") and told.get("kind") == "table":
                assert "Invented interviews" in output.data["text/plain"]


def tables_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "tables").glob("*.csv"))}


@pytest.mark.slow
@pytest.mark.xdist_group("runs")
class TestRuns:
    def test_the_index_and_reports_are_there(self, by_cssp):
        for folder in by_cssp.values():
            assert (folder / "index.html").is_file()
            for city in ("vologda", "petrozavodsk"):
                assert (folder / city / "index.html").is_file()
                manifest = json.loads((folder / city / "manifest.json").read_text("utf-8"))
                assert manifest["data"] == {
                    "desk": "observed",
                    "interviews": "invented",
                    "survey": "simulated",
                }
                for path in (folder / city / "figures").glob("*.png"):
                    if not path.stem.endswith("_print"):
                        assert path.with_suffix(".svg").is_file()
        assert not [
            p
            for folder in by_cssp.values()
            for p in folder.iterdir()
            if p.name.startswith(".") and p.name != ".cssp"
        ]

    def test_tables_do_not_depend_on_the_language(self, by_cssp):
        for city in ("vologda", "petrozavodsk", ALL_CITIES):
            assert tables_of(by_cssp["en"] / city) == tables_of(by_cssp["ru"] / city)

    @pytest.mark.parametrize("city", ["vologda", "petrozavodsk"])
    @pytest.mark.parametrize("language", ["en", "ru"])
    @pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
    def test_papermill_by_itself_gives_the_same_bytes(
        self, by_cssp, tmp_path, path, city, language
    ):
        folder = by_cssp[language] / city
        if goes_deeper(path) and (city, language) != ("vologda", "ru"):
            pytest.skip("once is enough: the languages' tables are compared above")
        if for_all_cities(path) and (cities_needed(path, cssp.load_study()) or 99) > 2:
            pytest.skip("a notebook for more cities than the default study has")
        if for_all_cities(path):  # run once a study, from its first city on
            folder = by_cssp[language] / ALL_CITIES
            if city != "vologda":
                pytest.skip("a notebook for all cities begins with the study's first")
        subprocess.run(
            [
                sys.executable,
                "-m",
                "papermill",
                str(path),
                "out.ipynb",
                "-p",
                "city",
                city,
                "-p",
                "language",
                language,
                "-p",
                "output",
                "here",
                "--no-progress-bar",
            ],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=300,
        )
        mine = tables_of(tmp_path / "here")
        theirs = tables_of(folder)
        assert mine
        assert {name: theirs[name] for name in mine} == mine
        for figure in (tmp_path / "here" / "figures").glob("*"):
            assert figure.read_bytes() == (folder / "figures" / figure.name).read_bytes(), (
                figure.name
            )

    def test_russian_reports_have_no_english_prose(self, by_cssp):
        text = (by_cssp["ru"] / "vologda" / "02_expert_survey.html").read_text("utf-8")
        assert "Экспертный опрос" in text
        assert "Expert survey" not in text
        first = (by_cssp["ru"] / "vologda" / "index.html").read_text("utf-8")
        assert first.count("Как власть оценивает НКО") == 1  # all notebooks give one answer
        assert "Данные опроса смоделированы" in text
        assert "Simulated data" not in text

    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_the_study_is_a_document_for_a_journal(self, by_cssp, language, tmp_path):
        docx = pytest.importorskip("docx")
        path = by_cssp[language] / "study.docx"
        document = docx.Document(str(path))
        body = document.element.xml
        texts = [paragraph.text for paragraph in document.paragraphs]
        wanted = {
            "en": ("Table", "Figure", "References"),
            "ru": ("Таблица", "Рис.", "Список литературы"),
        }
        table, figure, references = wanted[language]
        for kind, label, count in (("Table", table, 4), ("Figure", figure, 5)):
            assert body.count(f"SEQ {kind} ") == count
            for number in range(1, count + 1):
                assert any(text.startswith(f"{label} {number}.") for text in texts)
                assert f'w:name="{kind.lower()}_{number}"' in body
        marks = set(re.findall(r'w:name="((?:table|figure)_\d+)"', body))
        asked = set(re.findall(r" REF (\w+) ", body))
        assert asked and asked <= marks
        assert " TOC " in body and " PAGE " in document.sections[0].footer._element.xml
        assert not [text for text in texts if "[@" in text or "{" in text]
        last = len(texts) - 1 - texts[::-1].index(references)  # it stands in the contents too
        listed = texts[last + 1 :]
        assert len(listed) == 12  # of the methods, and the study's own two
        assert min(map(int, re.findall(r'w:sz w:val="(\d+)"', body))) >= 18
        assert not {"landscape"} & set(re.findall(r'w:orient="(\w+)"', body))
        for shape in document.inline_shapes:
            part = document.part.related_parts[
                shape._inline.graphic.graphicData.pic.blipFill.blip.embed
            ]
            assert part.image.px_width / shape.width.inches >= 300
        soffice = shutil.which("soffice")
        if soffice is None and not os.environ.get("CI"):
            pytest.skip("no LibreOffice here to count pages with")
        subprocess.run(
            [soffice or "soffice", "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path],
            check=True,
            capture_output=True,
            timeout=300,
        )
        import pypdf

        assert 5 <= len(pypdf.PdfReader(tmp_path / "study.pdf").pages) <= 15

    def test_tables_say_what_their_data_are(self, by_cssp):
        tables = tables_of(by_cssp["en"] / "vologda")
        assert tables["balances.csv"].splitlines()[1].endswith(b",simulated")
        assert tables["support_by_level.csv"].splitlines()[1].endswith(b",observed")
        assert tables["prevalence.csv"].splitlines()[1].endswith(b",invented")

    def test_no_answer_of_a_person_reaches_a_report(self, by_cssp, study):
        import cssp

        answers = cssp.load_survey(study)
        texts = [t for t in answers["open_change"].dropna().unique()]
        for path in by_cssp["en"].rglob("*"):
            if path.suffix in (".html", ".csv", ".ipynb"):
                content = path.read_text("utf-8")
                assert not [t for t in texts if t in content], path
                assert "P001" not in content


@pytest.mark.slow
class TestNbval:
    def test_nbval_sees_a_changed_number(self, tmp_path):
        path = shutil.copy(ROOT / "notebooks" / "04_synthesis.ipynb", tmp_path)
        notebook = nbformat.read(path, 4)
        output = next(
            o
            for c in notebook.cells
            if c.cell_type == "code"
            for o in c.outputs
            if "theme_balances" in str(o.get("metadata"))
        )
        old = output.data["text/html"]
        output.data["text/html"] = old.replace('<td class="n">+', '<td class="n">+1', 1)
        assert output.data["text/html"] != old
        nbformat.write(notebook, path)
        told = subprocess.run(
            [sys.executable, "-m", "pytest", "--nbval", "-q", str(path), "-c", os.devnull],
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert told.returncode == 1
        assert "1 failed" in told.stdout


@pytest.mark.slow
class TestFailures:
    def test_a_failing_notebook_stops_its_city_only(self, copy, tmp_path, monkeypatch):
        from small_notebooks import execute

        from cssp.runs.plan import plan
        from cssp.study.study import load_study

        broken = tmp_path / "notebooks"
        shutil.copytree(ROOT / "notebooks", broken)
        notebook = nbformat.read(broken / "04_synthesis.ipynb", 4)
        notebook.cells.insert(4, nbformat.v4.new_code_cell("1 / 0 if city == 'vologda' else None"))
        nbformat.write(notebook, broken / "04_synthesis.ipynb")
        monkeypatch.setattr(plan, "notebooks_folder", lambda: broken)
        tasks = plan.make_plan(load_study(copy), only=["04"])
        done = []
        first, second = execute(tasks, tmp_path / "runs", 1, lambda count, what: done.append(what))
        assert "vologda: 04_synthesis.ipynb stopped: ZeroDivisionError" in first.failure
        assert second.failure == ""
        assert (tmp_path / "runs" / "petrozavodsk" / "index.html").is_file()
        assert not (tmp_path / "runs" / "vologda").exists()
        executed = (tmp_path / "runs" / "vologda.failed" / "04_synthesis.ipynb").read_text("utf-8")
        assert "ZeroDivisionError" in executed
        assert len(done) == 1

    def test_other_notebooks_keep_their_results(self, copy, tmp_path):
        from small_notebooks import execute

        from cssp.runs.plan.plan import make_plan
        from cssp.study.study import load_study

        study = load_study(copy)
        for number in ("03", "04"):
            execute(make_plan(study, ["vologda"], [number]), tmp_path / "runs")
        assert {p.name for p in (tmp_path / "runs" / "vologda").glob("*.ipynb")} == {
            "03_interview_coding.ipynb",
            "04_synthesis.ipynb",
        }

    def test_a_city_with_a_survey_only_runs_that_notebook(self, tmp_path):
        from cssp.draft.new_study import new_study
        from cssp.runs.plan.plan import make_plan
        from cssp.study.study import load_study

        new_study(tmp_path / "s")
        path = tmp_path / "s/cities/my_city/city.yaml"
        text = (
            path.read_text("utf-8")
            + "survey:\n  file: a.csv\n  provenance: {source: x}\n  sector: {all: npo}\n"
        )
        path.write_text(text, encoding="utf-8")
        (path.parent / "a.csv").write_text("npo_useful\n1\n2\n")
        assert [t.notebook.stem for t in make_plan(load_study(tmp_path / "s"))] == [
            "02_expert_survey"
        ]
