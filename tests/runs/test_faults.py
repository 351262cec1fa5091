"""What a run survives: kills at any moment, Ctrl+C, a full disk, a folder that can't be written, notebooks that misbehave."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from small_notebooks import TABLE, run_command, small_study, tree, write_notebook

import cssp
from cssp.runs import batch
from cssp.runs.deliver import Job
from cssp.runs.execute import Run
from cssp.runs.executors import Place, end_pool, on_this_machine
from cssp.runs.kernels.provisioner import can_fork
from cssp.runs.plan.fingerprint import code_hash, libraries
from cssp.runs.plan.plan import Task
from cssp.runs.plan.up_to_date import Fingerprints
from cssp.runs.run_notebook import run_one
from cssp.simulate.study import simulate_study

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
KILLS = int(os.environ.get("CSSP_KILLS", "50"))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A study of three simulated cities and two notebooks."""
    return small_study(tmp_path_factory.mktemp("faults"))


def command(place: Path, output: Path, *more: str, notebooks: str = "notebooks") -> list[str]:
    return run_command(place / "study", place / notebooks, output, *more)


def run(
    place: Path, output: Path, *more: str, notebooks: str = "notebooks", **told: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(place, output, *more, notebooks=notebooks),
        capture_output=True,
        text=True,
        timeout=180,
        **told,
    )  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def undisturbed(place) -> dict[str, str]:
    told = run(place, place / "undisturbed")
    assert told.returncode == 0, told.stderr
    found = tree(place / "undisturbed")
    assert len([name for name in found if name.endswith(".svg")]) == 6
    return found


@pytest.fixture
def output(place, request) -> Path:
    """A folder beside the undisturbed run: notebooks name the study by its way from there."""
    return place / f"runs_{abs(hash(request.node.name))}"


def descendants(process: psutil.Process) -> dict[str, list[psutil.Process]]:
    """A run's processes by their part: the parent, workers, the warm process, keepers and kernels (all forks of the warm one)."""
    found: dict[str, list[psutil.Process]] = {"parent": [process]}
    for child in process.children(recursive=True):
        try:
            line = " ".join(child.cmdline())
        except psutil.Error:
            continue
        part = (
            "worker"
            if "spawn_main" in line
            else "warm"
            if "cssp.runs.kernels.fork_server" in line and child.ppid() == process.pid
            else "kernel"
        )
        if "resource_tracker" not in line:
            found.setdefault(part, []).append(child)
    return found


def wait_for(wanted: str, started: subprocess.Popen[str]) -> dict[str, list[psutil.Process]]:
    """A run's processes as soon as the wanted part is among them; nothing when the run ended before it was seen."""
    while started.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            parts = descendants(psutil.Process(started.pid))
            if wanted in parts:
                return parts
        time.sleep(0.02)  # a kernel lives for a moment only
    return {}


def test_kill_9_of_anything_at_random_moments(place, undisturbed, output):
    """After every kill what stands in a city's place is whole; in the end the tree is that of the undisturbed run."""
    chance = random.Random(7)
    killed: dict[str, int] = {}
    parts = ["parent", "worker", "warm", "kernel"]
    for turn in range(3 * KILLS):
        if sum(killed.values()) >= KILLS:
            break
        for done in sorted(output.glob("*/manifest.json")):  # something must be left to do
            if chance.random() < 0.6:
                shutil.rmtree(done.parent)
        # the parent's turn comes less often: it is killed behind others too
        wanted, killing = [*parts[1:], *parts][turn % (2 * len(parts) - 1)], False
        started = subprocess.Popen(
            command(place, output),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        # the parent's whole life is of interest, also before and after there is anybody else
        wait_for(chance.choice(parts) if wanted == "parent" else wanted, started)
        before: list[psutil.Process] = []
        # a run outlives the death of any other part; half of those that did die then themselves
        for part in [wanted, "parent"][: 1 + (wanted != "parent" and chance.random() < 0.5)]:
            time.sleep(chance.uniform(0, 0.8 if part == "parent" else 0.3))
            with contextlib.suppress(psutil.NoSuchProcess):
                found = descendants(psutil.Process(started.pid))
                before += [one for group in found.values() for one in group]
                if part in found and started.poll() is None:
                    chance.choice(found[part]).kill()
                    killing = part == "parent"
                    killed[part] = killed.get(part, 0) + 1
        _, errors = started.communicate(timeout=180)
        if not killing:
            assert started.returncode == 0, (wanted, errors)
        # nobody goes on working for a run that has ended
        _, left = psutil.wait_procs(before, timeout=60)
        assert left == [], wanted
        for name, content in tree(output).items():
            if "/" in name and ".failed/" not in name:
                assert undisturbed[name] == content, (wanted, name)
    told = run(place, output)
    assert told.returncode == 0, told.stderr
    assert tree(output) == undisturbed
    assert sum(killed.values()) >= KILLS and set(killed) == set(parts), killed


def test_a_pool_that_breaks_while_a_job_is_handed_to_it_is_replaced(
    place, undisturbed, output, monkeypatch
):
    """The moment between a worker's death and the pool's own notice of it: its pipe is closed, and `submit` says so."""

    class Closed(ProcessPoolExecutor):
        def submit(self, *told: object, **more: object) -> Future:  # type: ignore[override]
            raise OSError("handle is closed")

    monkeypatch.setenv("CSSP_NOTEBOOKS", str(place / "notebooks"))
    planned = batch.plan(batch.Order(study=str(place / "study"), output=str(output)))
    closed = Place(Closed(1), 1)
    told = Run(planned.study, planned.due, output, closed).go()
    end_pool(closed.executor)
    assert [one.failure for one in told] == ["", "", ""]
    found = {name: content for name, content in tree(output).items() if name.startswith("sim_")}
    assert found == {
        name: content for name, content in undisturbed.items() if name.startswith("sim_")
    }


def test_ctrl_c_stops_at_once_and_the_run_goes_on(place, undisturbed, tmp_path):
    write_notebook(
        tmp_path / "notebooks" / "01_one.ipynb",
        TABLE.replace("{name}", "01_one"),
        "import time; time.sleep(0.5 if city < 'sim_2' else 3600)",
    )
    output = tmp_path / "runs"
    arguments = run_command(place / "study", tmp_path / "notebooks", output)
    started = subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # tests in the background are started with Ctrl+C ignored
    )
    first = output / "sim_1" / "manifest.json"
    while not first.is_file() and started.poll() is None:  # an event, however slow the machine
        time.sleep(0.1)
    before = psutil.Process(started.pid).children(recursive=True)
    os.killpg(started.pid, signal.SIGINT)
    _, told = started.communicate(timeout=180)  # the notebook would sleep for an hour
    assert started.returncode == 130
    assert "Run the same command to go on" in told
    assert "Traceback" not in told
    assert first.is_file()
    assert psutil.wait_procs(before, timeout=60)[1] == []


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting needs root")
def test_a_full_disk_is_one_sentence_and_the_run_goes_on_when_there_is_room(
    place, undisturbed, output
):
    disk = output
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], capture_output=True
    ).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        told = run(place, disk)
        assert told.returncode in (1, 2)
        assert "No space left" in told.stderr
        assert "Traceback" not in told.stderr
        assert not [
            name
            for name in tree(disk)
            if undisturbed.get(name, "") != tree(disk)[name]
            and "/" in name
            and ".failed/" not in name
        ]
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        assert run(place, disk).returncode == 0
        assert tree(disk) == undisturbed
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_an_output_that_cannot_be_written_is_refused_before_anything_runs(place, tmp_path):
    (tmp_path / "file").write_text("x")
    told = run(place, tmp_path / "file" / "runs")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    if (
        os.geteuid() == 0 and sys.platform == "linux"
    ):  # root may write anywhere but in a read-only mount
        folder = tmp_path / "readonly"
        folder.mkdir()
        if (
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], capture_output=True
            ).returncode
            == 0
        ):
            try:
                told = run(place, folder / "runs")
            finally:
                subprocess.run(["umount", "-l", str(folder)], check=False)
            assert told.returncode == 2
            assert "Read-only" in told.stderr
            assert "Traceback" not in told.stderr


class TestMisbehaving:
    """Notebooks that never end, eat memory, print without end, or leave processes behind."""

    def job(self, place: Path, tmp_path: Path, *cells: str, **told: object) -> Job:
        path = write_notebook(tmp_path / "01_bad.ipynb", *cells)
        parameters = {"city": "sim_1", "study": str(place / "study"), "language": "en"}
        return Job(
            "sim_1",
            str(path),
            parameters,
            str(tmp_path / "part" / "01_bad"),
            str(tmp_path / "failed"),
            **told,
        )  # type: ignore[arg-type]

    def test_a_notebook_that_never_ends_is_ended(self, place, tmp_path):
        outcome = run_one(self.job(place, tmp_path, "1", "while True: pass", seconds=3))
        assert "time limit of 3 s" in outcome.failure
        left = json.loads((tmp_path / "failed" / "01_bad.ipynb").read_text())
        assert "ended at the time limit of 3 s" in json.dumps(left["cells"][-1]["outputs"])
        assert not outcome.died
        assert not (tmp_path / "part" / "01_bad").exists()

    @pytest.mark.skipif(not can_fork(), reason="limits of memory need forked kernels")
    def test_a_notebook_that_eats_memory_fails_by_itself(self, place, tmp_path):
        outcome = run_one(
            self.job(
                place,
                tmp_path,
                "kept = [bytearray(50_000_000) for _ in range(100)]",
                memory=400_000_000,
            )
        )
        assert outcome.failure == "cell 3 met the memory limit of 381 MB."

    @pytest.mark.skipif(not can_fork(), reason="limits of memory need forked kernels")
    def test_children_count_for_the_memory_limit(self, place, tmp_path):
        code = "import subprocess, sys\nprogram = 'x = [bytearray(30_000_000) for _ in range(10)]; import time; time.sleep(60)'\n"
        code += "many = [subprocess.Popen([sys.executable, '-c', program]) for _ in range(3)]\nmany[0].wait()"
        outcome = run_one(self.job(place, tmp_path, code, memory=600_000_000))
        assert "memory limit" in outcome.failure

    @pytest.mark.parametrize("fast", [True, False])
    def test_a_notebook_that_ends_itself_has_not_run(self, place, tmp_path, fast):
        """Papermill takes `sys.exit(0)` for an end like another, and the cells below for done."""
        path = write_notebook(tmp_path / "n" / "01_bad.ipynb", "import sys; sys.exit(0)", "1 + 1")
        outcome = run_one(replace(self.job(place, tmp_path, ""), notebook=str(path), fast=fast))
        assert outcome.failure == "it ended itself; the cells from the 5th on did not run."

    def test_a_hundred_megabytes_of_print_are_cut(self, place, tmp_path):
        outcome = run_one(self.job(place, tmp_path, "for _ in range(1000): print('x' * 100_000)"))
        assert outcome.failure == ""
        assert (tmp_path / "part" / "01_bad" / "01_bad.ipynb").stat().st_size < 500_000
        assert any("printed" in warning for warning in outcome.warnings)

    @pytest.mark.parametrize("fast", [True, False])
    def test_printing_without_end_fills_nobodys_memory(self, place, tmp_path, fast):
        """The beginning and the end of each stream are kept, and what is displayed between stays."""
        code = "import sys\nfor i in range(100_000):\n    print('out', i)\n    print('err', i, file=sys.stderr)\n    if i == 99_000: display('between')"
        outcome = run_one(self.job(place, tmp_path, code, "print('after')", fast=fast))
        assert outcome.failure == ""
        assert sum("printed more than" in told for told in outcome.warnings) == 1, outcome.warnings
        told = json.loads((tmp_path / "part" / "01_bad" / "01_bad.ipynb").read_text())
        *_, cell, last = told["cells"]
        texts = {
            (o["name"], "".join(o["text"])) for o in cell["outputs"] if o["output_type"] == "stream"
        }
        for stream, word in (("stdout", "out"), ("stderr", "err")):
            mine = [text for name, text in texts if name == stream]
            assert any(text.startswith(f"{word} 0\n") for text in mine)
            assert any(text.endswith(f"{word} 99999\n") for text in mine)
            assert sum(map(len, mine)) < 500_000
        kinds = [o["output_type"] for o in cell["outputs"]]
        shown = kinds.index("display_data")
        # what was printed before the display stands before it
        before = "".join(
            "".join(o["text"])
            for o in cell["outputs"][:shown]
            if o["output_type"] == "stream" and o["name"] == "stdout"
        )
        assert "out 99000\n" in before or "out 98999\n" in before
        assert "".join(last["outputs"][0]["text"]) == "after\n"

    def test_what_a_cell_wipes_off_does_not_count(self, place, tmp_path):
        """A progress display: only its last state is in the notebook, however much went before."""
        code = "from IPython.display import clear_output\nfor i in range(300):\n    clear_output(wait=True)\n    print('x' * 1000, i, flush=True)"
        outcome = run_one(self.job(place, tmp_path, code))
        assert (outcome.failure, outcome.warnings) == ("", [])
        told = json.loads((tmp_path / "part" / "01_bad" / "01_bad.ipynb").read_text())
        texts = ["".join(o["text"]) for o in told["cells"][-1]["outputs"]]
        assert texts == ["x" * 1000 + " 299\n"]

    def test_the_last_words_of_a_kernel_that_dies_after_much_printing_are_kept(
        self, place, tmp_path
    ):
        code = "import os, time\nfor i in range(50_000): print('line', i)\ntime.sleep(1)\nprint('LAST WORDS', flush=True)\ntime.sleep(1)\nos._exit(3)"
        outcome = run_one(self.job(place, tmp_path, code))
        assert outcome.died
        told = (tmp_path / "failed" / "01_bad.ipynb").read_text()
        assert "LAST WORDS" in told
        assert "its kernel died" in told

    @pytest.mark.skipif(not can_fork(), reason="only forked kernels have a keeper")
    @pytest.mark.parametrize("detached", [False, True])
    def test_children_that_a_notebook_leaves_are_ended(self, place, tmp_path, detached):
        code = f"import subprocess\nleft = subprocess.Popen(['sleep', '300'], start_new_session={detached})\nprint(left.pid)"
        outcome = run_one(self.job(place, tmp_path, code))
        assert outcome.failure == ""
        told = json.loads((tmp_path / "part" / "01_bad" / "01_bad.ipynb").read_text())
        pid = int(
            next(
                "".join(o["text"])
                for c in told["cells"]
                for o in c.get("outputs", [])
                if o["output_type"] == "stream"
            )
        )
        for _ in range(50):
            if not psutil.pid_exists(pid):
                break
            time.sleep(0.1)
        assert not psutil.pid_exists(pid)

    def test_a_worker_with_other_versions_is_refused(self, place, tmp_path):
        outcome = run_one(
            self.job(
                place, tmp_path, "1", versions={**libraries(), "pandas": "0.1"}, code=code_hash()
            )
        )
        assert "instead of 0.1" in outcome.failure
        assert "Install the same versions" in outcome.failure
        outcome = run_one(self.job(place, tmp_path, "1", versions=libraries(), code="other"))
        assert "another state of cssp's code" in outcome.failure


def test_a_study_edited_during_the_run_runs_again(place, tmp_path):
    study = shutil.copytree(place / "study", tmp_path / "study")
    write_notebook(
        tmp_path / "notebooks" / "01_one.ipynb",
        TABLE.replace("{name}", "01_one"),
        "import time; time.sleep(4)",
        "show.save(output)",
    )
    arguments = [
        sys.executable,
        "-m",
        "cssp",
        "run",
        "sim_1",
        "--study",
        str(study),
        "--notebooks",
        str(tmp_path / "notebooks"),
        "-o",
        str(tmp_path / "runs"),
    ]
    started = subprocess.Popen(
        [*arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    events = []
    assert started.stdout is not None
    for line in started.stdout:
        events.append(json.loads(line))
        if (
            events[-1]["event"] == "notebook_began"
            and len([e for e in events if e["event"] == "notebook_began"]) == 1
        ):
            time.sleep(1.5)
            survey = study / "cities" / "sim_1" / "survey.csv"
            lines = survey.read_text(encoding="utf-8").splitlines(keepends=True)
            survey.write_text("".join(lines[:-10]), encoding="utf-8")
    assert started.wait(60) == 0
    assert [event["event"] for event in events].count("city_again") == 1
    table = (tmp_path / "runs" / "sim_1" / "tables" / "01_one.csv").read_text()
    people = sum(int(row.split(",")[2]) for row in table.splitlines()[1:])
    assert people == len(lines) - 2 - 10  # a comment and the heading are no people


def test_a_notebook_made_from_other_files_than_planned_leaves_no_result(place, tmp_path):
    """Its part would be found under the plan's key by the next run."""
    path = write_notebook(tmp_path / "01_one.ipynb", "1")
    study = shutil.copytree(place / "study", tmp_path / "study")
    task = Task("sim_1", path, {"city": "sim_1", "study": str(study), "language": "en"})
    rests_on = Fingerprints(cssp.load_study(study)).of(task)
    job = Job("sim_1", str(path), task.parameters, str(tmp_path / "part"), rests_on=rests_on)
    assert run_one(job).edited == []
    shutil.rmtree(tmp_path / "part")
    (study / "cities" / "sim_2" / "survey.csv").unlink()
    outcome = run_one(job)
    assert outcome.edited == ["cities/sim_2 changed"]
    assert not (tmp_path / "part").exists()
    # elsewhere, where files may differ from the first, nothing is executed
    elsewhere = run_one(Job("sim_1", str(path), task.parameters, rests_on=rests_on))
    assert elsewhere.edited == ["cities/sim_2 changed"]
    assert elsewhere.files == {} and elsewhere.cells_seconds == 0


@pytest.mark.skipif(not can_fork(), reason="the notebook looks for its run among its ancestors")
def test_who_breaks_the_pool_takes_nobody_along(place, tmp_path):
    """A notebook that kills the workers each time it runs fails alone; those beside it are tried again without it."""
    kill = (
        "import psutil, time\n"
        "run = next(one for one in psutil.Process().parents() if {'cssp', 'run'} <= set(one.cmdline()))\n"
        "if city == 'sim_2':\n    time.sleep(0.3)\n    [one.kill() for one in run.children() if 'spawn_main' in ' '.join(one.cmdline())]\n"
        "time.sleep(1)"
    )
    write_notebook(tmp_path / "notebooks" / "01_one.ipynb", kill)
    write_notebook(tmp_path / "notebooks" / "02_two.ipynb", "import time; time.sleep(0.5)")
    arguments = run_command(place / "study", tmp_path / "notebooks", tmp_path / "runs", "-j", "2")
    told = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert told.returncode == 1, told.stderr
    assert "sim_2: 01_one.ipynb stopped: its worker died." in told.stderr
    assert "2 of 3 cities done" in told.stdout
    assert sorted(path.parent.name for path in (tmp_path / "runs").glob("*/manifest.json")) == [
        "sim_1",
        "sim_3",
    ]


@pytest.mark.parametrize("edit", ["half", "gone", "study"])
def test_a_notebook_or_a_study_that_cannot_be_read_meanwhile_stops_its_city_only(
    place, tmp_path, edit, monkeypatch
):
    """Somebody is writing it just then: one sentence for that city, no end of the run."""
    notebooks = shutil.copytree(place / "notebooks", tmp_path / "notebooks")
    study = shutil.copytree(place / "study", tmp_path / "study")
    victim = study / "study.yaml" if edit == "study" else notebooks / "01_one.ipynb"
    spoil = (
        f"pathlib.Path({str(victim)!r}).unlink()"
        if edit == "gone"
        else f"pathlib.Path({str(victim)!r}).write_text('{{')"
    )
    write_notebook(notebooks / "02_two.ipynb", f"import pathlib\nif city == 'sim_2':\n    {spoil}")
    monkeypatch.setenv("CSSP_NOTEBOOKS", str(notebooks))
    planned = batch.plan(batch.Order(["sim_2"], study=str(study), output=str(tmp_path / "runs")))
    with on_this_machine(1) as here:
        told = Run(planned.study, planned.due, planned.output, here).go()
    assert len(told) == 1
    assert told[0].failure.startswith(
        "sim_2: the study was edited during the run, and cannot be read now: "
    )
    assert "\n" not in told[0].failure
    assert not (tmp_path / "runs" / "sim_2").exists()


def test_pages_beside_a_notebook_that_breaks_the_pool_are_not_blamed(place, tmp_path, monkeypatch):
    """Two jobs are lost with the pool: each is tried again by itself, and it counts for neither; one alone is to blame."""
    monkeypatch.setenv("CSSP_NOTEBOOKS", str(place / "notebooks"))
    planned = batch.plan(batch.Order(study=str(place / "study"), output=str(tmp_path / "runs")))
    run = Run(planned.study, planned.due, planned.output, Place(ThreadPoolExecutor(1), 2))
    first, second, _ = run._cities()
    second.running = 1
    blamed = []
    monkeypatch.setattr(run, "_new_pool", lambda: None)
    monkeypatch.setattr(run, "_assemble", lambda city, tries: blamed.append((city.name, tries)))
    monkeypatch.setattr(
        run, "_again", lambda city, one, tries, why: blamed.append((city.name, tries))
    )
    run._workers_died([(first, None, 1), (second, second.due[0], 1)])
    assert list(run._suspects) == [(first, None, 1), (second, second.due[0], 1)]
    assert (second.running, blamed) == (0, [])
    run._workers_died([(first, None, 1)])
    run._workers_died([(second, second.due[0], 1)])
    assert blamed == [("sim_1", 2), ("sim_2", 1)]


def test_a_failure_before_the_kernel_starts_is_told_in_a_worker_that_has_done_others(
    place, tmp_path
):
    """What the worker remembers is of the notebook before."""
    good = write_notebook(tmp_path / "01_good.ipynb", "1")
    assert run_one(Job("x", str(good), {}, str(tmp_path / "part"))).failure == ""
    bad = tmp_path / "02_bad.ipynb"
    told = json.loads(good.read_text())
    told["metadata"] = {}
    bad.write_text(json.dumps(told))
    outcome = run_one(Job("x", str(bad), {}, str(tmp_path / "part2"), str(tmp_path / "failed")))
    assert outcome.failure and "\n" not in outcome.failure
    assert not (tmp_path / "failed" / "02_bad.ipynb").exists()


def short_folder_of(folder: str) -> str:
    """Return where a process with this TMPDIR puts its sockets."""
    code = "from cssp.runs.kernels.warm_process import short_folder as s; print(s() or '')"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip() or folder


def test_nothing_is_left_in_the_temporary_folder_by_a_run_that_is_stopped(place, tmp_path):
    write_notebook(tmp_path / "notebooks" / "01_one.ipynb", "import time; time.sleep(60)")
    folder = tmp_path / "t"
    folder.mkdir()
    started = subprocess.Popen(
        run_command(place / "study", tmp_path / "notebooks", tmp_path / "runs", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert started.stdout is not None
    for line in started.stdout:
        if b"notebook_began" in line:
            break
    time.sleep(3)
    os.killpg(started.pid, signal.SIGINT)
    started.communicate(timeout=180)
    assert list(folder.iterdir()) == []
    elsewhere = Path(short_folder_of(str(folder)))  # where the path is too long for sockets
    assert list(elsewhere.glob(f"cssp-*-{started.pid}-*")) == []


def test_two_runs_at_once_do_each_city_once(place, undisturbed, output):
    both = [
        subprocess.Popen(
            [*command(place, output), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [one.communicate(timeout=180) for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert tree(output) == undisturbed
    events = [json.loads(line) for out, _ in told for line in out.splitlines()]
    executed = [
        (e["city"], e["notebook"])
        for e in events
        if e["event"] == "notebook_done" and not e.get("reused")
    ]
    assert sorted(executed) == sorted(set(executed))


def test_a_clock_that_goes_backwards_changes_nothing(place, undisturbed, output):
    """Nothing is decided by times of files or the day."""
    assert run(place, output).returncode == 0
    for path in (place / "study").rglob("*"):
        os.utime(path, (2e9, 2e9))
    for path in output.rglob("*"):
        os.utime(path, (1e9, 1e9))
    told = run(place, output)
    assert told.returncode == 0
    assert "up to date" in told.stdout
    assert tree(output) == undisturbed


@pytest.mark.parametrize("name", ["..", "a/b", "x" * 200, " a", "Вологда-2", "Нижний Новгород"])
def test_names_of_cities(name, tmp_path):
    """What can be a folder's name is one; the rest is refused in one sentence."""
    folder = simulate_study(tmp_path / "study", 2)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(
        text.replace("- sim_1", f"- {json.dumps(name, ensure_ascii=False)}"), encoding="utf-8"
    )
    write_notebook(
        tmp_path / "notebooks" / "01_one.ipynb",
        TABLE.replace("{name}", "01_one"),
        "show.save(output)",
    )
    good = name in ("Вологда-2", "Нижний Новгород")
    if good:
        (folder / "cities" / "sim_1").rename(folder / "cities" / name)
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "cssp",
            "run",
            "--study",
            str(folder),
            "--notebooks",
            str(tmp_path / "notebooks"),
            "-o",
            str(tmp_path / "runs"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in told.stderr
    if good:
        assert told.returncode == 0, told.stderr
        assert (tmp_path / "runs" / name / "index.html").is_file()
        assert cssp.load_study(folder).city(name)
    else:
        assert told.returncode == 2
        assert not (tmp_path / "runs").exists()
