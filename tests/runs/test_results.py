"""What a run leaves: what is up to date and why not, manifests, the crate, verification, pages, workbook and document."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import unquote

import docx
import openpyxl
import pandas as pd
import pytest
import yaml
from small_notebooks import TABLE, run_command, small_study, tree, write_notebook
from typer.testing import CliRunner

import cssp
from cssp.cli.main import app
from cssp.runs import batch
from cssp.runs.clean import clean
from cssp.runs.execute import Run
from cssp.runs.executors import on_this_machine
from cssp.runs.plan.fingerprint import changes, named_outside
from cssp.runs.plan.up_to_date import read_manifest
from cssp.runs.provenance.verify import verify
from cssp.stats.league import compare_cities

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("results")]


def cli(
    *arguments: str, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cssp", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=folder,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A study of three cities, two notebooks, and a run of them."""
    folder = small_study(tmp_path_factory.mktemp("results"))
    command = run_command(folder / "study", folder / "notebooks", folder / "runs")
    told = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert told.returncode == 0, told.stderr
    return folder


@pytest.fixture
def own(place, tmp_path, monkeypatch) -> Path:
    """A copy of it all, to be spoilt."""
    for name in ("study", "notebooks", "runs"):
        shutil.copytree(place / name, tmp_path / name)
    monkeypatch.setenv("CSSP_NOTEBOOKS", str(tmp_path / "notebooks"))
    return tmp_path


def planned(folder: Path, **told: object) -> batch.Planned:
    return batch.plan(batch.Order(study=str(folder / "study"), output=str(folder / "runs"), **told))  # type: ignore[arg-type]


def why(folder: Path, **told: object) -> dict[tuple[str, str], list[str]]:
    return {
        (one.city, one.task.notebook.stem): one.why
        for one in planned(folder, **told).due
        if one.runs
    }


class TestWhatIsDue:
    def test_nothing_is(self, own):
        assert why(own) == {}
        assert planned(own).cities_due == []

    def test_a_changed_codebook_makes_everything_due_and_says_so(self, own):
        with (own / "study" / "questionnaire.yaml").open("a", encoding="utf-8") as file:
            file.write("\n# a remark\n")
        found = why(own)
        assert len(found) == 6
        assert all(reason == ["questionnaire.yaml changed"] for reason in found.values())

    def test_a_changed_city_makes_itself_and_those_compared_with_it_due(self, own):
        with (own / "study" / "cities" / "sim_2" / "survey.csv").open(
            "a", encoding="utf-8"
        ) as file:
            file.write("\n")
        found = why(own)
        assert found["sim_2", "01_one"] == ["cities/sim_2/survey.csv changed"]
        assert found["sim_1", "01_one"] == ["cities/sim_2 changed"]

    def test_only_files_are_taken_for_files_and_those_outside_the_study_count_too(self, own):
        """A separator `/`, or a label with dots, names nothing on the disk."""
        folder = own / "study" / "cities" / "sim_2"
        (own / "elsewhere").mkdir()
        (folder / "survey.csv").rename(own / "elsewhere" / "survey.csv")
        told = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))
        told["survey"]["file"] = "../../../elsewhere/survey.csv"
        told["survey"]["missing"] = ["/", "../..", str(own)]
        (folder / "city.yaml").write_text(
            yaml.safe_dump(told, allow_unicode=True), encoding="utf-8"
        )
        (own / "elsewhere" / "more").mkdir()
        (own / "elsewhere" / "more" / "desk.csv").write_bytes(
            (own / "study" / "cities" / "sim_3" / "desk.csv").read_bytes()
        )
        (own / "study" / "cities" / "sim_3" / "linked").symlink_to(own / "elsewhere" / "more")
        third = own / "study" / "cities" / "sim_3" / "city.yaml"
        third.write_text(
            third.read_text(encoding="utf-8").replace("file: desk.csv", "file: linked/desk.csv"),
            encoding="utf-8",
        )
        study = cssp.load_study(own / "study")
        assert named_outside(study, "sim_3") == ["../elsewhere/more/desk.csv"]
        assert named_outside(study, "sim_2") == ["../elsewhere/survey.csv"]
        assert named_outside(study, "sim_1") == []
        assert cli("run", "--study", str(own / "study"), "-o", str(own / "runs")).returncode == 0
        assert why(own) == {}
        with (own / "elsewhere" / "survey.csv").open("a", encoding="utf-8") as file:
            file.write("\n")
        assert why(own)["sim_2", "01_one"] == ["../elsewhere/survey.csv changed"]

    def test_what_was_changed_by_hand_is_not_taken_over_when_a_city_is_put_together_anew(self, own):
        """The table keeps its size, so only its hash tells; it must not get a new one."""
        path = own / "runs" / "sim_1" / "tables" / "01_one.csv"
        before = path.read_text()
        path.write_text(before[:-2] + ("1" if before[-2] != "1" else "2") + before[-1])
        arguments = (
            "run",
            "sim_1",
            "-n",
            "02",
            "-p",
            "seed=2",
            "--study",
            str(own / "study"),
            "-o",
            str(own / "runs"),
        )
        told = cli(*arguments)
        assert told.returncode == 1
        assert "tables/01_one.csv was changed by hand" in told.stderr
        assert len(verify(own / "runs")) > 0
        path.write_text(before)
        assert cli(*arguments).returncode == 0

    def test_what_somebody_changed_or_added_is_kept_when_the_city_runs_again(self, own):
        city = own / "runs" / "sim_1"
        (city / "appendix.docx").write_bytes(b"with my remarks")
        (city / "notes.txt").write_text("mine")
        (city / ".~lock").write_text("of an office program")
        arguments = (
            "run",
            "sim_1",
            "-p",
            "seed=2",
            "--study",
            str(own / "study"),
            "-o",
            str(own / "runs"),
        )
        told = cli(*arguments)
        assert told.returncode == 0, told.stderr
        assert "appendix.docx, notes.txt" in told.stderr
        assert "sim_1.kept" in told.stderr
        kept = own / "runs" / "sim_1.kept"
        assert tree(kept).keys() == {"notes.txt", "appendix.docx"}
        assert (kept / "appendix.docx").read_bytes() == b"with my remarks"
        assert verify(own / "runs").empty
        # another state of the same file does not take the first one's place; an equal one is not kept twice
        for number, text in enumerate(("more remarks", "more remarks"), 3):
            (city / "appendix.docx").write_bytes(text.encode())
            assert (
                cli(*(one.replace("seed=2", f"seed={number}") for one in arguments)).returncode == 0
            )
        assert tree(kept).keys() == {"notes.txt", "appendix.docx", "appendix-2.docx"}

    def test_a_notebook_or_a_stage_that_is_gone_leaves_the_report(self, own):
        """A notebook that got another name writes the same files as it did under its old one."""
        (own / "notebooks" / "02_two.ipynb").rename(own / "notebooks" / "03_two.ipynb")
        arguments = ("run", "--study", str(own / "study"), "-o", str(own / "runs"))
        assert cli(*arguments).returncode == 0
        for number in (1, 2, 3):
            assert set(read_manifest(own / "runs" / f"sim_{number}")["notebooks"]) == {
                "01_one.ipynb",
                "03_two.ipynb",
            }
            assert not (own / "runs" / f"sim_{number}" / "02_two.ipynb").exists()
        (own / "notebooks" / "03_two.ipynb").unlink()
        found = planned(own)
        assert not found.to_run
        assert found.cities_due == ["sim_1", "sim_2", "sim_3"]  # their pages
        assert cli(*arguments).returncode == 0
        assert "02_two" not in (own / "runs" / "sim_1" / "index.html").read_text()
        assert planned(own).cities_due == []
        # a subset that is asked for takes nothing away
        write_notebook(own / "notebooks" / "04_four.ipynb", "1")
        assert cli(*arguments, "-n", "04").returncode == 0
        assert set(read_manifest(own / "runs" / "sim_1")["notebooks"]) == {
            "01_one.ipynb",
            "04_four.ipynb",
        }
        (own / "notebooks" / "01_one.ipynb").unlink()
        write_notebook(own / "notebooks" / "04_four.ipynb", "2")
        assert cli(*arguments, "-n", "04").returncode == 0
        assert set(read_manifest(own / "runs" / "sim_1")["notebooks"]) == {
            "01_one.ipynb",
            "04_four.ipynb",
        }
        assert cli(*arguments).returncode == 0
        assert set(read_manifest(own / "runs" / "sim_1")["notebooks"]) == {"04_four.ipynb"}

    def test_results_of_a_notebook_for_all_cities_are_verified_and_leave_the_index_with_it(
        self, own
    ):
        """Their folder's name is written otherwise in a crate, which holds addresses."""
        whole = own / "notebooks" / "03_whole.ipynb"
        write_notebook(
            whole, TABLE.replace("{name}", "03_whole"), "show.save(output)", scope="study"
        )
        arguments = ("run", "--study", str(own / "study"), "-o", str(own / "runs"))
        assert cli(*arguments).returncode == 0
        assert verify(own / "runs").empty
        assert "+all/index.html" in (own / "runs" / "index.html").read_text()
        manifest = own / "runs" / "+all" / "manifest.json"
        before = manifest.read_text()
        manifest.write_text(before.replace('"simulated"', '"observed"'))
        assert verify(own / "runs")[["where", "what"]].to_numpy().tolist() == [["+all", "changed"]]
        manifest.write_text(before)
        whole.unlink()
        assert cli(*arguments).returncode == 0
        assert "+all" not in (own / "runs" / "index.html").read_text()
        assert verify(own / "runs").empty
        assert cli("clean", "--study", str(own / "study"), "-o", str(own / "runs")).returncode == 0
        assert not (own / "runs" / "+all").exists()
        assert (own / "runs" / "sim_1" / "index.html").is_file()

    def test_a_folder_may_come_where_a_file_was_kept(self, own):
        city = own / "runs" / "sim_1"
        arguments = ("run", "sim_1", "--study", str(own / "study"), "-o", str(own / "runs"))
        (city / "notes").write_text("a file")
        assert cli(*arguments, "-p", "seed=2").returncode == 0
        (city / "notes").mkdir()
        (city / "notes" / "a").write_text("in a folder")
        assert cli(*arguments, "-p", "seed=3").returncode == 0
        kept = [
            path.read_text()
            for path in sorted((own / "runs" / "sim_1.kept").rglob("*"))
            if path.is_file()
        ]
        assert sorted(kept) == ["a file", "in a folder"]

    def test_a_notebook_that_is_edited_is_seen_in_the_same_process(self, own):
        assert why(own) == {}
        path = own / "notebooks" / "02_two.ipynb"
        path.write_text(path.read_text().replace("respondents by sector", "respondents, by sector"))
        assert why(own)["sim_1", "02_two"] == ["the notebook changed"]

    def test_a_changed_notebook_makes_only_itself_due(self, own):
        write_notebook(own / "notebooks" / "02_two.ipynb", "1")
        assert set(why(own)) == {(f"sim_{n}", "02_two") for n in (1, 2, 3)}
        assert next(iter(why(own).values())) == ["the notebook changed"]

    def test_stored_outputs_of_a_notebook_do_not_matter(self, own):
        path = own / "notebooks" / "02_two.ipynb"
        told = json.loads(path.read_text())
        told["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
        told["cells"][-1]["execution_count"] = 7
        path.write_text(json.dumps(told))
        assert why(own) == {}

    def test_a_default_told_is_no_parameter(self, own):
        assert why(own, parameters={"seed": 1}) == {}

    def test_a_parameter(self, own):
        assert why(own, parameters={"seed": 5})["sim_1", "01_one"] == [
            "parameter seed: default -> 5"
        ]

    def test_a_result_that_is_gone_or_changed(self, own):
        (own / "runs" / "sim_1" / "tables" / "01_one.csv").unlink()
        (own / "runs" / "sim_2" / "figures" / "02_two.svg").write_text("x")
        found = why(own)
        assert found == {
            ("sim_1", "01_one"): ["the result tables/01_one.csv is gone"],
            ("sim_2", "02_two"): ["the result figures/02_two.svg was changed by hand"],
        }

    def test_a_new_city(self, own):
        study = own / "study"
        shutil.copytree(study / "cities" / "sim_3", study / "cities" / "sim_4")
        text = (study / "study.yaml").read_text(encoding="utf-8")
        (study / "study.yaml").write_text(
            text.replace("- sim_3\n", "- sim_3\n- sim_4\n"), encoding="utf-8"
        )
        assert why(own)["sim_4", "01_one"] == ["no result yet"]

    def test_a_library(self):
        told = changes({"libraries": {"pandas": "1"}}, {"libraries": {"pandas": "2", "scipy": "1"}})
        assert told == ["pandas 1 -> 2", "scipy absent -> 1"]

    def test_force(self, own):
        assert set(map(tuple, why(own, force=True).values())) == {("forced",)}

    def test_dry_run_writes_nothing_and_is_quick(self, own):
        before = tree(own / "runs")
        told = cli(
            "run",
            "--study",
            str(own / "study"),
            "-o",
            str(own / "none"),
            "--dry-run",
            CSSP_NOTEBOOKS=str(own / "notebooks"),
        )
        assert told.returncode == 0
        assert "sim_1 01_one: no result yet" in told.stdout
        assert "6 of 6 notebooks would run" in told.stdout
        assert not (own / "none").exists()
        assert tree(own / "runs") == before


@pytest.mark.parametrize("fast", ["--fast", "--no-fast"])
def test_folders_may_be_named_from_where_one_stands(place, tmp_path, fast):
    """`cssp run` by itself writes to `runs`: a notebook runs in a folder of its own, from where that name leads elsewhere."""
    shutil.copytree(place / "study", tmp_path / "study")
    shutil.copytree(place / "notebooks", tmp_path / "books")
    command = run_command("study", Path("books"), "runs", "sim_1", fast)
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert told.returncode == 0, told.stderr
    files = set(tree(tmp_path / "runs"))
    assert {
        f"sim_1/{name}"
        for name in ("tables/01_one.csv", "figures/02_two.svg", "figures/02_two.png")
    } <= files
    assert not [path for path in tmp_path.rglob("*.csv") if ".cssp" in path.parts]
    assert verify(tmp_path / "runs").empty


class TestProvenance:
    def test_the_manifest_says_what_was_made_from_what(self, place):
        told = read_manifest(place / "runs" / "sim_1")
        assert told["data"]["survey"] == "simulated"
        assert "survey" in told["simulated"]
        assert "cities/sim_1/survey.csv" in told["inputs"]
        assert set(told["peers"]) == {"cities/sim_2", "cities/sim_3"}
        assert told["libraries"]["pandas"] == pd.__version__
        assert {"study.yaml", "questionnaire.yaml"} <= set(told["inputs"])
        entry = told["notebooks"]["01_one.ipynb"]
        assert entry["times"]["seconds"] > 0
        assert "tables/01_one.csv" in entry["outputs"]
        assert set(told["outputs"]) == set(
            name.removeprefix("sim_1/")
            for name in tree(place / "runs")
            if name.startswith("sim_1/")
        )

    def test_no_file_but_those_of_provenance_tells_of_a_time(self, place):
        for name in ("01_one.ipynb", "index.html"):
            assert not re.search(
                r"20\d\d-\d\d-\d\dT\d\d", (place / "runs" / "sim_1" / name).read_text("utf-8")
            )

    def test_the_crate_is_read_by_its_library(self, place):
        from rocrate.rocrate import ROCrate

        crate = ROCrate(str(place / "runs"))
        profiles = [one.id for one in crate.root_dataset["conformsTo"]]
        assert any("wfrun/workflow" in one for one in profiles)
        assert "ComputationalWorkflow" in crate.mainEntity.type
        action = crate.get("#run")
        assert action["actionStatus"].endswith("CompletedActionStatus")
        assert action["instrument"] == crate.mainEntity
        assert {one.id for one in action["result"]} == {"index.html"}
        own = crate.get("#run/sim_1")
        assert own["result"].id == "sim_1/"
        assert own["startTime"] <= own["endTime"] <= action["endTime"]
        taken = {one["name"]: one for one in own["object"]}
        assert len(taken["cities/sim_1/survey.csv"]["sha256"]) == 64
        assert "cities/sim_2" in taken, "a city it is compared with"
        assert taken["language"]["value"] == "en"
        told = json.loads((place / "runs" / "ro-crate-metadata.json").read_text("utf-8"))
        assert "https://w3id.org/ro/crate/1.1/context" in told["@context"], (
            "the version that the profiles build upon"
        )
        files = {unquote(one["@id"]): one for one in told["@graph"] if "File" in one["@type"]}
        there = {
            path.relative_to(place / "runs").as_posix(): path
            for path in (place / "runs").rglob("*")
            if path.is_file()
        }
        there = {
            name: path
            for name, path in there.items()
            if not name.startswith(".") and name != "ro-crate-metadata.json"
        }
        assert set(files) == set(there)
        for name, path in there.items():
            assert files[name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            assert files[name]["contentSize"] == str(path.stat().st_size)
            assert "/" in files[name]["encodingFormat"]
        assert "simulated" in crate.get("sim_1/")["description"]
        # nothing of the people's answers is in it, only the hash
        assert not list((place / "runs").rglob("survey.csv"))

    def test_verify_says_what_was_changed_by_hand(self, own):
        study = cssp.load_study(own / "study")
        assert verify(own / "runs", study).empty
        path = own / "runs" / "sim_1" / "tables" / "01_one.csv"
        path.write_text(path.read_text().replace("simulated", "observed"))
        (own / "runs" / "sim_2" / "extra.txt").write_text("x")
        (own / "runs" / "sim_3" / "index.html").unlink()
        (own / "runs" / "index.html").write_text("x")
        (own / "study" / "questionnaire.yaml").write_text("x")
        found = {
            (row.where, row.file, row.what) for row in verify(own / "runs", study).itertuples()
        }
        assert ("sim_1", "tables/01_one.csv", "changed") in found
        assert ("sim_2", "extra.txt", "added") in found
        assert ("sim_3", "index.html", "missing") in found
        assert ("", "index.html", "changed") in found
        assert ("sim_1", "study: questionnaire.yaml", "changed") in found
        told = cli("verify", str(own / "runs"))
        assert told.returncode == 1
        assert "sim_1: tables/01_one.csv: changed" in told.stdout

    def test_a_manifest_rewritten_by_hand_is_seen_too(self, own):
        path = own / "runs" / "sim_1" / "manifest.json"
        path.write_text(path.read_text().replace('"simulated"', '"observed"'))
        found = verify(own / "runs")
        assert [
            (row.where, row.file.endswith("manifest.json"), row.what) for row in found.itertuples()
        ] == [("sim_1", True, "changed")]

    def test_no_later_run_certifies_a_manifest_that_was_rewritten(self, own):
        """A table and its hash changed by hand: the next run of another notebook writes a new crate, which must not take them for its own."""
        path = own / "runs" / "sim_1" / "manifest.json"
        told = json.loads(path.read_text())
        told["simulated"], told["data"] = [], {}
        path.write_text(json.dumps(told))
        run_all = run_command(own / "study", own / "notebooks", own / "runs")
        assert (
            subprocess.run(
                [*run_all, "sim_2", "--force"], capture_output=True, timeout=200
            ).returncode
            == 0
        )
        assert [(row.where, row.what) for row in verify(own / "runs").itertuples()] == [
            ("sim_1", "changed")
        ]
        graph = json.loads((own / "runs" / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
        assert next(one for one in graph if one["@id"] == "sim_1/")["description"].startswith(
            "Not observed"
        )

    def test_a_crate_that_is_gone_or_spoilt_is_a_difference(self, own):
        path = own / "runs" / "ro-crate-metadata.json"
        path.write_text("{")
        assert [(row.file, row.what) for row in verify(own / "runs").itertuples()] == [
            (path.name, "cannot be read")
        ]
        path.unlink()
        assert [(row.file, row.what) for row in verify(own / "runs").itertuples()] == [
            (path.name, "missing")
        ]

    def test_a_summary_that_was_changed_reaches_no_page_over_all_cities(self, own):
        path = own / "runs" / "sim_1" / "summary.json"
        same_size = path.read_text().replace("sim_1", "sim_9")
        assert same_size != path.read_text()
        path.write_text(same_size)
        run_all = run_command(own / "study", own / "notebooks", own / "runs")
        told = subprocess.run(
            [*run_all, "sim_2", "--force"], capture_output=True, text=True, timeout=200
        )
        assert told.returncode == 0, told.stderr
        page = (own / "runs" / "index.html").read_text("utf-8")
        assert "summary.json is not the one that was written" in page
        assert subprocess.run(run_all, capture_output=True, timeout=200).returncode == 0
        assert "summary.json is not" not in (own / "runs" / "index.html").read_text("utf-8")
        assert path.read_text() != same_size
        assert verify(own / "runs").empty

    def test_what_failed_stays_told_until_it_is_done(self, own):
        books = own / "notebooks"
        good = (books / "01_one.ipynb").read_text()
        (books / "01_one.ipynb").write_text(
            good.replace("show = cssp.Show", "1 / 0; show = cssp.Show")
        )
        run_one = [*run_command(own / "study", books, own / "runs"), "sim_1"]
        assert subprocess.run(run_one, capture_output=True, timeout=200).returncode == 1
        others = [*run_one[:-1], "sim_1", "-n", "02", "--force"]
        assert subprocess.run(others, capture_output=True, timeout=200).returncode == 0
        assert (own / "runs" / "sim_1.failed" / "01_one.ipynb").is_file()
        graph = json.loads((own / "runs" / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
        statuses = {
            one["@id"]: one["actionStatus"].rpartition("/")[2]
            for one in graph
            if "actionStatus" in one
        }
        assert statuses["#run"] == statuses["#failed/sim_1"] == "FailedActionStatus"
        assert "sim_1.failed/01_one.ipynb" in {one["@id"] for one in graph}
        (books / "01_one.ipynb").write_text(good)
        assert (
            "sim_1 01_one: failed"
            in cli(
                "status",
                "--study",
                str(own / "study"),
                "-o",
                str(own / "runs"),
                CSSP_NOTEBOOKS=str(books),
            ).stdout
        )
        assert (
            subprocess.run([*run_one[:-1], "--force"], capture_output=True, timeout=200).returncode
            == 0
        )
        assert not (own / "runs" / "sim_1.failed").exists()

    @pytest.mark.parametrize("fast", ["--fast", "--no-fast"])
    def test_a_persons_own_settings_change_no_result(self, own, tmp_path, fast):
        """matplotlibrc, IPython's start files and Python's: each would make other figures, and nothing would tell why."""
        home = tmp_path / "home"
        start = home / ".ipython" / "profile_default" / "startup"
        start.mkdir(parents=True)
        code = (
            "import matplotlib; matplotlib.rcParams['axes.facecolor'] = 'red'; print('started')\n"
        )
        (start / "00.py").write_text(code)
        (home / "python.py").write_text(code)
        (home / ".config" / "matplotlib").mkdir(parents=True)
        for place in (home / "matplotlibrc", home / ".config" / "matplotlib" / "matplotlibrc"):
            place.write_text("axes.facecolor: yellow\nlines.linewidth: 5\nfont.size: 17\n")
        told = subprocess.run(
            run_command(own / "study", own / "notebooks", own / "again", fast),
            capture_output=True,
            text=True,
            cwd=home,
            timeout=240,
            env={
                **os.environ,
                "HOME": str(home),
                "PYTHONSTARTUP": str(home / "python.py"),
                "XDG_CONFIG_HOME": str(home / ".config"),
            },
        )
        assert told.returncode == 0, told.stderr
        assert tree(own / "again") == tree(own / "runs")

    def test_a_warning_names_no_process(self, own):
        write_notebook(
            own / "warns" / "01_one.ipynb", "import warnings; warnings.warn('mind this')"
        )
        for name in ("first", "second"):
            told = subprocess.run(
                run_command(own / "study", own / "warns", own / name, "sim_1"),
                capture_output=True,
                text=True,
                timeout=200,
            )
            assert told.returncode == 0, told.stderr
        assert tree(own / "first") == tree(own / "second")
        assert "ipykernel" not in (own / "first" / "sim_1" / "manifest.json").read_text().replace(
            '"ipykernel"', ""
        )
        assert any(
            "mind this" in text for text in read_manifest(own / "first" / "sim_1")["warnings"]
        )

    def test_a_manifest_of_another_shape_is_none(self, own):
        for text in ('{"outputs": {"index.html": {}}}', '{"notebooks": []}', "[]"):
            (own / "runs" / "sim_1" / "manifest.json").write_text(text)
            assert ("sim_1", "cannot be read") in {
                (row.where, row.what) for row in verify(own / "runs").itertuples()
            }
            assert why(own)["sim_1", "01_one"] == ["no result yet"]

    def test_a_city_that_the_study_lost_is_compared_with_nothing(self, own):
        shutil.rmtree(own / "study" / "cities" / "sim_3")
        study = cssp.load_study(own / "study")
        found = {
            (row.where, row.file, row.what) for row in verify(own / "runs", study).itertuples()
        }
        assert ("sim_1", "study: cities/sim_3", "missing") in found
        assert ("sim_3", "study: cities/sim_3/survey.csv", "missing") in found

    def test_locked_refuses_other_libraries(self, own):
        path = own / "runs" / "sim_1" / "manifest.json"
        told = json.loads(path.read_text())
        told["libraries"]["pandas"] = "0.25"
        path.write_text(json.dumps(told))
        with pytest.raises(cssp.RunError, match="pandas .* instead of 0.25"):
            planned(own, locked=True)
        with pytest.raises(cssp.RunError, match="has none of these cities"):
            batch.plan(batch.Order(study=str(own / "study"), output=str(own / "none"), locked=True))

    def test_locked_looks_at_every_notebook(self, own):
        """One notebook was run with other versions, and the last run was of the other one."""
        path = own / "runs" / "sim_1" / "manifest.json"
        told = json.loads(path.read_text())
        told["notebooks"]["01_one.ipynb"]["fingerprint"]["libraries"]["pandas"] = "0.25"
        path.write_text(json.dumps(told))
        with pytest.raises(cssp.RunError, match="pandas .* instead of 0.25"):
            planned(own, locked=True)

    def test_a_run_that_is_stopped_makes_no_result_look_changed(self, own):
        """Cities took their place, the crate was not written any more."""
        found = planned(own, force=True)
        with on_this_machine(1) as here:
            assert [
                one.failure for one in Run(found.study, found.due, found.output, here).go()
            ] == [""] * 3
        assert verify(own / "runs").empty
        clean(own / "runs")
        assert verify(own / "runs").empty
        path = own / "runs" / "sim_1" / "manifest.json"
        before = path.read_text()
        path.write_text(before.replace('"simulated"', '"observed"'))
        assert list(verify(own / "runs")["where"]) == ["sim_1"]
        path.write_text(before)
        assert cli("run", "--study", str(own / "study"), "-o", str(own / "runs")).returncode == 0
        assert not (own / "runs" / ".cssp" / "published.jsonl").exists()
        assert verify(own / "runs").empty

    def test_verify_says_which_files_of_the_study_came_and_whose_peers_changed(self, own):
        cities = own / "study" / "cities"
        (cities / "sim_1" / "more.csv").write_text("x")
        found = {
            (row.where, row.file, row.what)
            for row in verify(own / "runs", cssp.load_study(own / "study")).itertuples()
        }
        assert found == {
            ("sim_1", "study: cities/sim_1/more.csv", "added"),
            ("sim_2", "study: cities/sim_1", "changed"),
            ("sim_3", "study: cities/sim_1", "changed"),
        }

    def test_results_at_an_address_are_verified(self, own):
        told = cli(
            "verify",
            (own / "runs").as_uri(),
            "--study",
            (own / "study").as_uri(),
            CSSP_CACHE=str(own / "cache"),
        )
        assert told.returncode == 0, told.stderr
        (own / "runs" / "sim_1" / "index.html").write_text("x")
        told = cli("verify", (own / "runs").as_uri(), CSSP_CACHE=str(own / "cache"))
        assert told.stdout.splitlines()[0] == "sim_1: index.html: changed"

    def test_verify_of_no_runs(self, tmp_path):
        told = cli("verify", str(tmp_path))
        assert told.returncode == 2
        assert "holds no results" in told.stderr


class TestCommands:
    def test_status(self, own):
        (own / "runs" / "sim_1" / "tables" / "01_one.csv").unlink()
        told = cli("status", "--study", str(own / "study"), "-o", str(own / "runs"))
        assert told.returncode == 0
        assert "sim_1 01_one: due" in told.stdout
        assert "sim_2 02_two: up to date" in told.stdout
        assert "5 up to date, 1 due." in told.stdout

    def test_a_polite_end_before_anything_runs_is_an_interruption_too(self, own, monkeypatch):
        monkeypatch.setattr(batch, "plan", lambda order: os.kill(os.getpid(), signal.SIGTERM))
        told = CliRunner().invoke(
            app, ["run", "--study", str(own / "study"), "-o", str(own / "runs")]
        )
        assert told.exit_code == 130
        assert "Run the same command to go on" in told.output
        told = CliRunner().invoke(
            app, ["run", "--force", "--study", str(own / "study"), "-o", str(own / "runs")]
        )
        assert "--force begins anew" in told.output

    def test_clean_without_a_study_removes_no_results(self, own):
        """The cities of the default study say nothing about those of another."""
        told = cli("clean", "-o", str(own / "runs"))
        assert told.returncode == 0
        assert all(
            (own / "runs" / f"sim_{number}" / "index.html").is_file() for number in (1, 2, 3)
        )

    def test_clean_removes_leftovers_only(self, own):
        study = cssp.load_study(own / "study")
        (own / "runs" / "sim_1.failed").mkdir()
        (own / "runs" / "sim_1.failed" / "01_one.ipynb").write_text("{}")
        (own / "runs" / "notes").mkdir()
        (own / "runs" / "notes" / "mine.txt").write_text("x")
        removed = clean(own / "runs", study)
        assert own / "runs" / "sim_1.failed" in removed
        assert (own / "runs" / "sim_1" / "index.html").is_file()
        clean(own / "runs", study, everything=True)
        assert sorted(path.name for path in (own / "runs").iterdir()) == ["notes"]

    def test_clean_touches_no_other_folder(self, tmp_path):
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "file").write_text("x")
        with pytest.raises(cssp.RunError, match="holds no results"):
            clean(tmp_path / "mine", cssp.load_study(), everything=True)
        assert (tmp_path / "mine" / "file").is_file()

    def test_events_for_machines(self, own):
        told = cli(
            "run",
            "sim_1",
            "--force",
            "--json",
            "--study",
            str(own / "study"),
            "-o",
            str(own / "runs"),
        )
        assert told.returncode == 0, told.stderr
        events = [json.loads(line) for line in told.stdout.splitlines()]
        assert [one["event"] for one in events].count("notebook_done") == 2
        assert (events[0]["event"], events[0]["cities"], events[0]["notebooks"]) == (
            "run_began",
            ["sim_1"],
            2,
        )
        assert (events[-1]["event"], events[-1]["cities_done"], events[-1]["cities_failed"]) == (
            "run_ended",
            1,
            0,
        )
        assert events[-1]["done"] == events[-1]["total"] == 2
        assert all(isinstance(one.get("why", ""), str) for one in events)
        again = cli("run", "--json", "--study", str(own / "study"), "-o", str(own / "runs"))
        assert [json.loads(line)["up_to_date"] for line in again.stdout.splitlines()] == [3]

    def test_results_go_nowhere_where_data_lie(self, own):
        before = tree(own / "study")
        told = cli("run", "--study", str(own / "study"), "-o", str(own / "study" / "cities"))
        assert told.returncode == 2
        assert "holds the data of the study's cities" in told.stderr
        assert tree(own / "study") == before

    def test_what_a_notebook_of_ones_own_shows_is_in_the_report(self, own):
        write_notebook(
            own / "mine" / "01_one.ipynb",
            "print('a < b')",
            "[1, 2]",
            "from IPython.display import display; display({'application/vnd.plotly.v1+json': {}, 'text/plain': 'Figure()'}, raw=True)",
        )
        told = subprocess.run(
            run_command(own / "study", own / "mine", own / "out", "sim_1"),
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert told.returncode == 0, told.stderr
        page = (own / "out" / "sim_1" / "01_one.html").read_text("utf-8")
        assert "<pre>a &lt; b\n</pre>" in page
        assert "<pre>[1, 2]</pre>" in page
        assert "This output is interactive; it is in the notebook." in page

    def test_the_shell_completes_cities_and_notebooks(self, own):
        def offered(words: str) -> set[str]:
            asked = {
                "_CSSP_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(words.split(" ")) - 1),
            }
            told = subprocess.run(
                [Path(sys.executable).with_name("cssp")],
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, **asked, "CSSP_NOTEBOOKS": str(own / "notebooks")},
            )
            return set(told.stdout.split())

        assert offered(f"cssp run --study {own / 'study'} sim_") == {"sim_1", "sim_2", "sim_3"}
        assert offered(f"cssp run --study {own / 'study'} -n 0") == {"01_one", "02_two"}
        assert offered("cssp run --cluster s") == {"slurm", "ssh"}
        assert offered("cssp run --study nowhere x") == set()

    def test_folders_of_killed_runs_go(self, own):
        gone, mine = (
            Path(tempfile.mkdtemp(prefix=f"cssp-run-{number}-"))
            for number in (2**22 - 3, os.getpid())
        )
        told = cli(
            "run", "sim_1", "--force", "--study", str(own / "study"), "-o", str(own / "runs")
        )
        assert told.returncode == 0, told.stderr
        assert mine.is_dir() and not gone.exists()
        mine.rmdir()

    def test_a_failing_notebook_is_exit_code_1_and_the_others_go_on(self, own):
        write_notebook(own / "notebooks" / "01_one.ipynb", "1 / 0 if city == 'sim_2' else None")
        told = cli("run", "--study", str(own / "study"), "-o", str(own / "runs"))
        assert told.returncode == 1
        assert "sim_2: 01_one.ipynb stopped: ZeroDivisionError" in told.stderr
        assert "2 of 3 cities done" in told.stdout
        assert (
            "An Exception was encountered"
            in (own / "runs" / "sim_2.failed" / "01_one.ipynb").read_text()
        )
        assert (own / "runs" / "sim_2" / "tables" / "01_one.csv").is_file()
        page = (own / "runs" / "index.html").read_text("utf-8")
        assert "ZeroDivisionError" in page
        assert "failed; earlier results are shown" in page
        # mended, it runs again, and its failure is gone
        write_notebook(own / "notebooks" / "01_one.ipynb", "2")
        assert cli("run", "--study", str(own / "study"), "-o", str(own / "runs")).returncode == 0
        assert not (own / "runs" / "sim_2.failed").exists()
        assert "ZeroDivisionError" not in (own / "runs" / "index.html").read_text("utf-8")

    def test_two_notebooks_that_write_one_file_are_told_of(self, own):
        write_notebook(
            own / "notebooks" / "02_two.ipynb",
            TABLE.replace("{name}", "01_one") + "\nshow.tables['01_one'].data['n'] = 0",
            "show.save(output)",
        )
        told = cli("run", "sim_1", "--study", str(own / "study"), "-o", str(own / "runs"))
        assert told.returncode == 1
        assert "02_two.ipynb writes 01_one.csv, as another notebook does" in told.stderr

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--time-limit", "soon"], "no value for --time-limit"),
            (["--memory-limit", "4X"], "no value for --memory-limit"),
            (["--notebook", "09"], "There is no notebook '09'"),
            (["sim_9"], "not a city of this study"),
            (["-p", "sed=1"], "Did you mean 'seed'"),
            (["--cluster-option", "x"], "not an option of a cluster"),
        ],
    )
    def test_bad_input_is_one_sentence_and_writes_nothing(self, own, arguments, sentence):
        told = cli("run", *arguments, "--study", str(own / "study"), "-o", str(own / "none"))
        if "--cluster-option" in arguments or told.returncode:
            assert told.returncode == 2, told.stdout
            assert sentence in told.stderr
            assert "Traceback" not in told.stderr
        assert not (own / "none").exists()

    def test_help_has_examples_and_exit_codes(self):
        told = cli("run", "--help").stdout
        assert "cssp run --cluster slurm" in told
        assert "130 interrupted" in told

    def test_completion_can_be_had(self):
        told = cli("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
        assert "_CSSP_COMPLETE" in told.stdout or told.returncode == 0


class TestFiles:
    def test_every_table_has_a_sheet_and_no_formula(self, place):
        book = openpyxl.load_workbook(place / "runs" / "sim_1" / "report.xlsx")
        assert {"01_one", "02_two"} <= set(book.sheetnames)
        sheet = book["01_one"]
        assert sheet["A1"].value == "Table 1.1. Respondents by city and sector"
        assert [cell.value for cell in sheet[3]][:3] == ["city", "sector", "n"]
        assert sheet["C4"].value == int(sheet["C4"].value) > 0
        assert "Simulated data" in sheet.cell(sheet.max_row, 1).value
        for one in book:
            assert not [cell for row in one.iter_rows() for cell in row if cell.data_type == "f"]

    def test_office_files_bear_no_time(self, place):
        for name in ("report.xlsx", "appendix.docx"):
            with zipfile.ZipFile(place / "runs" / "sim_1" / name) as archive:
                assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
                assert b"2024-01-01" in archive.read("docProps/core.xml")

    def test_the_document_has_titles_above_captions_below_and_alternative_text(self, place):
        document = docx.Document(str(place / "runs" / "sim_1" / "appendix.docx"))
        texts = [paragraph.text for paragraph in document.paragraphs]
        assert "Table 1.1. Respondents by city and sector" in texts
        assert "Figure 1.1. Respondents by city and sector" in texts
        assert any("Simulated data" in text for text in texts[:4])
        pictures = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
        assert len(pictures) == 2
        assert all("Dots" in text for text in pictures)

    @pytest.mark.skipif(
        shutil.which("soffice") is None and not os.environ.get("CI"), reason="no LibreOffice here"
    )
    @pytest.mark.parametrize("name", ["appendix.docx", "report.xlsx"])
    def test_libreoffice_opens_them(self, place, tmp_path, name):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{tmp_path}/profile",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                str(tmp_path),
                str(place / "runs" / "sim_1" / name),
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
        assert (tmp_path / name).with_suffix(".pdf").stat().st_size > 10_000

    def test_a_table_has_one_number_in_page_word_excel_and_contents(self, place):
        city = place / "runs" / "sim_1"
        contents = pd.read_csv(city / "contents.csv", dtype=str)
        assert set(contents["number"]) == {"1.1", "2.1"}  # a table and a figure in each notebook
        book = openpyxl.load_workbook(city / "report.xlsx")
        document = docx.Document(str(city / "appendix.docx"))
        texts = [paragraph.text for paragraph in document.paragraphs]
        for row in contents.itertuples():
            kind = "Table" if row.kind == "table" else "Figure"
            title = f"{kind} {row.number}. {row.title}"
            assert title in texts
            assert title in (city / row.page).read_text(encoding="utf-8")
            assert (city / row.file).is_file()
            if row.kind == "table":
                assert book[row.name]["A1"].value == title


def test_all_cities_are_compared_with_limits_and_ranks():
    row = {
        "unit": "q",
        "group": "npo",
        "positive": 0.5,
        "negative": 0.2,
        "low": 0.1,
        "high": 0.5,
        "estimate": 0.3,
        "n": 40,
    }
    table = compare_cities(
        pd.DataFrame(
            [
                {"city": "a", **row},
                {
                    "city": "b",
                    **row,
                    "estimate": 0.9,
                    "low": 0.85,
                    "high": 0.95,
                    "positive": 0.92,
                    "negative": 0.02,
                },
                {"city": "c", **row, "estimate": None, "n": 0},
            ]
        )
    )
    assert list(table["city"]) == ["a", "b"]
    assert list(table["rank"]) == [2, 1]
    assert list(table["of"]) == [2, 2]
    assert (table["rank_low"] <= table["rank"]).all() and (
        table["rank"] <= table["rank_high"]
    ).all()
