"""Other places: Dask workers, addresses of fsspec, a real S3-compatible server, ordinary kernels, papermill by itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest
from runs.kubernetes_stand_in import kubernetes
from small_notebooks import run_command, small_study, tree, write_notebook

from cssp.cli.options import pairs_of
from cssp.runs import batch
from cssp.runs.deliver import Job, Outcome
from cssp.runs.elsewhere import addresses
from cssp.runs.execute import Run
from cssp.runs.executors import Place
from cssp.runs.kernels.provisioner import KERNEL, can_fork
from cssp.runs.run_notebook import _study_here, end_run, run_one
from cssp.study.problems import RunError

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("places")]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return small_study(tmp_path_factory.mktemp("places"))


def run(
    place: Path, output: Path | str, *more: str, study: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        run_command(study or place / "study", place / "notebooks", output, *more),
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def here(place) -> dict[str, str]:
    told = run(place, str(place / "here"))
    assert told.returncode == 0, told.stderr
    return tree(place / "here")


def test_ordinary_kernels_give_the_same_bytes(place, here):
    told = run(place, str(place / "ordinary"), "--no-fast")
    assert told.returncode == 0, told.stderr
    assert tree(place / "ordinary") == here


def test_dask_workers_give_the_same_bytes(place, here):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        told = run(place, str(place / "dask"), "--scheduler", cluster.scheduler_address)
    assert told.returncode == 0, told.stderr
    assert tree(place / "dask") == here


def test_a_dask_worker_that_is_killed_loses_nothing(place, here):
    distributed = pytest.importorskip("distributed")
    slow = place / "slow"
    write_notebook(slow / "01_one.ipynb", "import time; time.sleep(3)")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        started = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "cssp",
                "run",
                "--study",
                str(place / "study"),
                "--notebooks",
                str(slow),
                "-o",
                str(place / "killed"),
                "--json",
                "--scheduler",
                cluster.scheduler_address,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert started.stdout is not None
        for line in started.stdout:
            if "notebook_began" in line:
                break
        time.sleep(1.5)
        victim = next(iter(cluster.workers.values()))
        os.kill(victim.pid, 9)
        _, errors = started.communicate(timeout=120)
    assert started.returncode == 0, errors
    assert len(list((place / "killed").glob("*/01_one.ipynb"))) == 3


@pytest.mark.skipif(not can_fork(), reason="only forked kernels are ended from outside")
def test_ctrl_c_frees_the_workers_of_a_scheduler(place, tmp_path):
    """Nobody waits for what they execute; what they execute for another run goes on."""
    distributed = pytest.importorskip("distributed")
    write_notebook(
        tmp_path / "slow" / "01_one.ipynb",
        f"import os, time; open('{tmp_path}/pid', 'w').write(str(os.getpid())); time.sleep(100)",
    )
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        arguments = run_command(
            place / "study",
            tmp_path / "slow",
            tmp_path / "runs",
            "--scheduler",
            cluster.scheduler_address,
        )
        started = subprocess.Popen(
            arguments,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        pid = tmp_path / "pid"
        for _ in range(400):
            if pid.is_file() and pid.read_text():
                break
            time.sleep(0.1)
        kernel = psutil.Process(int(pid.read_text()))
        with distributed.Client(cluster) as client:
            client.run(end_run, "of another run")
        assert kernel.is_running()
        os.killpg(started.pid, signal.SIGINT)
        _, told = started.communicate(timeout=180)
        assert started.returncode == 130, told
        assert psutil.wait_procs([kernel], timeout=60)[1] == []


class Elsewhere(Executor):
    """Workers of another machine, in this process: each job is answered by a function."""

    def __init__(self, answer: Callable[[Job], Outcome]) -> None:
        self.answer = answer

    def submit(self, function: object, job: Job) -> Future[Outcome]:  # type: ignore[override]
        future: Future[Outcome] = Future()
        future.set_result(self.answer(job))
        return future


def test_a_worker_with_another_copy_of_the_study_is_refused(place, tmp_path, monkeypatch):
    """Its results would be right for other data."""
    monkeypatch.setenv("CSSP_NOTEBOOKS", str(place / "notebooks"))
    other = shutil.copytree(place / "study", tmp_path / "study")
    with (other / "cities" / "sim_2" / "survey.csv").open("a", encoding="utf-8") as file:
        file.write("# another copy\n")
    planned = batch.plan(
        batch.Order(["sim_1"], study=str(place / "study"), output=str(tmp_path / "runs"))
    )

    def there(job: Job) -> Outcome:
        return run_one(replace(job, parameters={**job.parameters, "study": str(other)}))

    with pytest.raises(
        RunError,
        match=r"has other files than this machine \(cities/sim_2 changed\). Copy the study",
    ):
        Run(
            planned.study, planned.due, planned.output, Place(Elsewhere(there), 1, shared=False)
        ).go()


def test_a_study_edited_while_a_cluster_reads_it_runs_again(place, tmp_path, monkeypatch):
    monkeypatch.setenv("CSSP_NOTEBOOKS", str(place / "notebooks"))
    study = shutil.copytree(place / "study", tmp_path / "study")
    planned = batch.plan(batch.Order(["sim_1"], study=str(study), output=str(tmp_path / "runs")))
    seen: list[str] = []

    def there(job: Job) -> Outcome:
        if not seen:
            with (study / "cities" / "sim_2" / "survey.csv").open("a", encoding="utf-8") as file:
                file.write("# edited\n")
        outcome = run_one(job)
        seen.append("; ".join(outcome.edited))
        return outcome

    found = Run(
        planned.study, planned.due, planned.output, Place(Elsewhere(there), 1, shared=False)
    ).go()
    assert [one.failure for one in found] == [""]
    # the second notebook was handed out before it was known of the first that the study was edited
    assert seen == ["cities/sim_2 changed", "cities/sim_2 changed", "", ""]
    assert batch.plan(planned.order).cities_due == []


def test_a_scheduler_that_does_not_answer_is_one_sentence(place):
    told = run(place, str(place / "nowhere"), "--scheduler", "tcp://127.0.0.1:9")
    assert told.returncode == 2
    assert "No Dask scheduler answers" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (place / "nowhere").exists()


@pytest.mark.parametrize("address", ["foo", "http://127.0.0.1:8786"])
def test_what_is_no_address_of_a_scheduler_is_refused_at_once(place, address):
    told = run(place, place / "nowhere", "--scheduler", address)
    assert told.returncode == 2
    assert told.stderr.startswith(f"'{address}' is no address of a scheduler")
    assert len(told.stderr.splitlines()) == 1


def test_options_of_a_cluster_are_read_as_they_are_meant():
    told = pairs_of(["walltime=10:00:00", "queue=short", "cores=4", "hosts=[a, b]"])
    assert told == {"walltime": "10:00:00", "queue": "short", "cores": 4, "hosts": ["a", "b"]}
    with pytest.raises(RunError, match="'hosts'; put a text in quotes"):
        pairs_of(["hosts=[a"])


def test_an_unknown_cluster_is_named_with_those_there_are(place):
    told = run(place, str(place / "nowhere"), "--cluster", "slurrm")
    assert told.returncode == 2
    assert "Did you mean 'slurm'" in told.stderr


def test_a_cluster_of_slurm(place, here, tmp_path):
    """No Slurm here: a stand-in for `sbatch` starts the jobs that dask-jobqueue writes, on this machine."""
    pytest.importorskip("dask_jobqueue")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    # the script is removed as soon as it is submitted, so a copy is what runs
    script = f'#!/bin/sh\ncp "$1" {tmp_path}/job_$$.sh\nsetsid sh {tmp_path}/job_$$.sh >/dev/null 2>&1 &\necho "Submitted batch job $$"\n'
    (bin_folder / "sbatch").write_text(script)
    (bin_folder / "scancel").write_text("#!/bin/sh\n")
    for path in bin_folder.iterdir():
        path.chmod(0o755)
    told = run(
        place,
        place / "slurm",
        "--cluster",
        "slurm",
        "-j",
        "2",
        "--cluster-option",
        "queue=short",
        "--cluster-option",
        "interface=lo",
        PATH=f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
    )
    assert told.returncode == 0, told.stderr
    assert tree(place / "slurm") == here
    script = next(tmp_path.glob("job_*.sh")).read_text()
    assert "#SBATCH -p short" in script
    assert "--nthreads 1" in script


def failing_sbatch(folder: Path) -> None:
    (folder / "sbatch").write_text(
        "#!/bin/sh\necho 'sbatch: error: invalid partition specified: shrot' >&2\nexit 1\n"
    )
    (folder / "sbatch").chmod(0o755)


@pytest.mark.parametrize(
    ("commands", "options", "said"),
    [
        (None, ["slurm"], "There is no command sbatch on this machine"),
        (None, ["pbs"], "There is no command qsub on this machine"),
        (
            failing_sbatch,
            ["slurm", "queue=shrot", "interface=lo"],
            "'slurm' did not start: .* sbatch: error: invalid partition specified: shrot",
        ),
        (failing_sbatch, ["slurm", "no_such=1"], "'slurm' did not start: .*no_such"),
        (None, ["ssh"], "An SSH cluster needs its hosts"),
        (
            None,
            ["ssh", "hosts=[nowhere.invalid]"],
            "'ssh' did not start: .*Name or service not known|Temporary failure in name resolution",
        ),
        (None, ["ssh", "hosts=[127.0.0.1]", "no_such=2"], "'ssh' did not start: .*no_such"),
        (None, ["kubernetes"], "A Kubernetes cluster needs an image"),
        (None, ["kubernetes", "image=cssp", "no_such=3"], "'kubernetes' did not start: .*no_such"),
        (
            None,
            ["kubernetes", "image=cssp", "env={TOLD: yes}"],
            "The variable TOLD of the cluster is no text but True",
        ),
        (None, ["kubernetes", "image=cssp"], "'kubernetes' did not start: .*credentials"),
    ],
)
def test_a_cluster_that_cannot_start_is_one_sentence(place, tmp_path, commands, options, said):
    """Not a traceback of three packages, and not a run that waits for ever."""
    kind, *options = options
    pytest.importorskip("dask_kubernetes" if kind == "kubernetes" else "dask_jobqueue")
    if commands:
        commands(tmp_path)
    told = run(
        place,
        place / "nowhere",
        "--cluster",
        kind,
        *(part for option in options for part in ("--cluster-option", option)),
        PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        KUBECONFIG=str(tmp_path / "none"),
        HOME=str(tmp_path),
    )
    assert told.returncode == 2, told.stderr
    assert re.search(said, told.stderr)
    assert len(told.stderr.splitlines()) == 1, told.stderr
    assert not (place / "nowhere").exists()


def test_a_cluster_of_kubernetes(place, here, tmp_path):
    """No Kubernetes here: a stand-in for its API and for Dask's operator starts what the containers say, on this machine."""
    pytest.importorskip("dask_kubernetes")
    with kubernetes(tmp_path) as stand_in:
        told = run(
            place,
            place / "kubernetes",
            "--cluster",
            "kubernetes",
            "-j",
            "2",
            "--cluster-option",
            "image=example/cssp:1",
            "--cluster-option",
            "scheduler_service_type=LoadBalancer",
            "--cluster-option",
            "env={OMP_NUM_THREADS: 1}",
            KUBECONFIG=str(tmp_path / "config"),
        )
        assert stand_in.objects == {}, "the cluster is left behind"
        (asked,) = stand_in.asked
    assert told.returncode == 0, told.stderr
    assert tree(place / "kubernetes") == here
    (worker,) = asked["spec"]["worker"]["spec"]["containers"]
    assert asked["spec"]["worker"]["replicas"] == 2
    assert {"name": "OMP_NUM_THREADS", "value": "1"} in worker["env"]
    assert worker["image"] == "example/cssp:1"
    assert " ".join(worker["args"]).startswith("dask worker --nthreads 1 ")


def test_a_kubernetes_without_the_operator_is_one_sentence(place, tmp_path):
    pytest.importorskip("dask_kubernetes")
    with kubernetes(tmp_path, operator=False) as stand_in:
        told = run(
            place,
            place / "nowhere",
            "--cluster",
            "kubernetes",
            "--cluster-option",
            "image=cssp",
            "--cluster-option",
            "resource_timeout=1",
            KUBECONFIG=str(tmp_path / "config"),
        )
        assert stand_in.objects == {}, "what was asked for is left behind"
    assert told.returncode == 2, told.stderr
    assert "is the Dask Operator running?" in told.stderr
    assert len(told.stderr.splitlines()) == 1, told.stderr


@pytest.fixture
def ssh_server(tmp_path) -> Iterator[dict[str, object]]:
    """A server of our own on the loopback, with keys of its own; what a client must know of it."""
    server = shutil.which("sshd", path=f"/usr/sbin{os.pathsep}{os.environ['PATH']}")
    if not server or not shutil.which("ssh-keygen"):
        if os.environ.get("CI"):
            pytest.fail("CI has an ssh server")
        pytest.skip("there is no ssh server")
    for name in ("host", "client"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True
        )
    keys = tmp_path / "authorized"
    shutil.copy(tmp_path / "client.pub", keys)
    keys.chmod(0o600)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "ListenAddress": "127.0.0.1",
        "Port": port,
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": keys,
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "PermitRootLogin": "prohibit-password",
    }
    told = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    started = subprocess.Popen(
        [server, "-D", "-e", "-f", "/dev/null", *told], stderr=subprocess.DEVNULL
    )
    try:
        yield {"port": port, "client_keys": [str(tmp_path / "client")], "known_hosts": None}
    finally:
        started.kill()
        started.wait()


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="an ssh server of our own needs root"
)
def test_a_cluster_over_ssh(place, here, ssh_server):
    pytest.importorskip("asyncssh")
    hosts, known = (
        "hosts=[127.0.0.1, 127.0.0.1, 127.0.0.1]",
        f"connect_options={json.dumps(ssh_server)}",
    )
    told = run(
        place,
        place / "ssh",
        "--cluster",
        "ssh",
        "--cluster-option",
        hosts,
        "--cluster-option",
        known,
    )
    assert told.returncode == 0, told.stderr
    assert tree(place / "ssh") == here
    assert "INFO" not in told.stderr  # what the hosts print is not repeated


class TestAddresses:
    def test_a_worker_does_not_compute_from_an_older_copy(self, place, tmp_path, monkeypatch):
        """Its copy of an earlier run lies where the parent's does; what changed at the address since is fetched."""
        pytest.importorskip("fsspec")
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "cache"))
        shutil.copytree(place / "study", tmp_path / "bucket" / "study")
        address = (tmp_path / "bucket" / "study").as_uri()
        copy = addresses.fetch(address)
        with (tmp_path / "bucket" / "study" / "cities" / "sim_1" / "survey.csv").open(
            "a", encoding="utf-8"
        ) as file:
            file.write("# changed since\n")
        job = Job("sim_1", "x.ipynb", {"study": str(copy)}, address=address)
        parameters, _ = _study_here(job)
        text = (Path(parameters["study"]) / "cities" / "sim_1" / "survey.csv").read_text(
            encoding="utf-8"
        )
        assert text.endswith("# changed since\n")

    def test_workers_check_the_files_at_an_address(self, place, tmp_path, monkeypatch):
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "cache"))
        study = shutil.copytree(place / "study", tmp_path / "bucket" / "study")
        assert batch.problems_of(study.as_uri(), ["sim_1"]) == []
        (study / "cities" / "sim_1" / "survey.csv").unlink()
        assert len(batch.problems_of(study.as_uri(), ["sim_1"])) > 0

    def performed(
        self, output: str, cities: list[str], place: Path, **told: object
    ) -> tuple[dict[str, str], list[str]]:
        """Run cities with results at an address; return failures, and the notebooks that were executed."""
        order = batch.Order(cities, study=str(place / "study"), output=output, jobs=1, **told)  # type: ignore[arg-type]
        planned, done = batch.plan(order), []

        def tell(event: str, particulars: dict[str, object]) -> None:
            if event == "notebook_done" and not particulars.get("reused"):
                done.append(f"{particulars['city']} {particulars['notebook']}")

        if not planned.cities_due:
            batch.renew_pages(planned)
            return {}, []
        with batch.place_for(planned) as here:
            return batch.perform(planned, here, tell), done

    @pytest.fixture
    def bucket(self, place, tmp_path, monkeypatch) -> Path:
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("CSSP_NOTEBOOKS", str(place / "notebooks"))
        (tmp_path / "bucket").mkdir()
        return tmp_path / "bucket"

    def test_what_could_not_be_sent_is_sent_by_the_next_run(self, place, here, bucket, monkeypatch):
        """The network was gone when a city was done; it is not computed again."""
        send = addresses.send

        def gone(folder: Path, address: str, only: str = "") -> int:
            raise RunError("it cannot be written: no network")

        monkeypatch.setattr(addresses, "send", gone)
        with pytest.raises(RunError, match="no network"):
            self.performed(bucket.as_uri(), ["sim_1"], place)
        assert not list(bucket.rglob("*.html"))
        monkeypatch.setattr(addresses, "send", send)
        failures, done = self.performed(bucket.as_uri(), ["sim_1"], place)
        assert (failures, done) == ({}, [])
        assert {name for name in tree(bucket) if name.startswith("sim_1/")} == {
            name for name in here if name.startswith("sim_1/")
        }
        assert (bucket / "index.html").is_file()
        # a file that was sent is not fetched again
        before = {
            path: path.stat().st_mtime_ns
            for path in addresses.local_copy(bucket.as_uri()).rglob("*.svg")
        }
        assert self.performed(bucket.as_uri(), ["sim_1"], place) == ({}, [])
        assert before and all(path.stat().st_mtime_ns == time for path, time in before.items())

    def test_work_by_hand_at_the_address_is_kept_there(self, place, bucket):
        self.performed(bucket.as_uri(), ["sim_1"], place)
        (bucket / "sim_1" / "index.html").write_text("with my remarks")
        (bucket / "sim_1" / "mine.txt").write_text("mine")
        self.performed(bucket.as_uri(), ["sim_1"], place, parameters={"seed": 3})
        kept = bucket / "sim_1.kept"
        assert (kept / "mine.txt").read_text() == "mine"
        assert (kept / "index.html").read_text() == "with my remarks"
        assert not (bucket / "sim_1" / "mine.txt").exists()
        assert "with my remarks" not in (bucket / "sim_1" / "index.html").read_text()
        (
            kept / "mine.txt"
        ).unlink()  # it was fetched from there; what is removed there is not put back
        (bucket / "sim_1" / "more.txt").write_text("more")
        self.performed(bucket.as_uri(), ["sim_1"], place, parameters={"seed": 4})
        assert (kept / "more.txt").is_file() and (kept / "index.html").is_file()
        assert not (kept / "mine.txt").exists()

    def test_two_runs_at_once_send_each_city_once(self, place, bucket, tmp_path, monkeypatch):
        """What the other run sends is not sent again, and neither stumbles over the other's note."""
        copy = addresses.local_copy(bucket.as_uri())
        (copy / "sim_1").mkdir(parents=True)
        (copy / "sim_1" / "manifest.json").write_text("{}")
        sent: list[str] = []

        def slow(folder: Path, address: str, only: str = "") -> int:
            time.sleep(0.5)
            sent.append(only)
            return 1

        monkeypatch.setattr(addresses, "send", slow)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(addresses.send_folder, copy, bucket.as_uri(), "sim_1")
            time.sleep(0.2)
            assert addresses.unsent(copy) == ["sim_1"]
            second = pool.submit(addresses.send_folder, copy, bucket.as_uri(), "sim_1", again=True)
            first.result(), second.result()
        assert sent == ["sim_1"]
        assert addresses.unsent(copy) == []

    def test_runs_of_parts_of_a_study_on_two_machines_give_one_index(
        self, place, bucket, tmp_path, monkeypatch
    ):
        self.performed(bucket.as_uri(), ["sim_1"], place)
        first = addresses.local_copy(bucket.as_uri())
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "second"))
        order = batch.Order(["sim_2"], study=str(place / "study"), output=bucket.as_uri(), jobs=1)
        planned = batch.plan(order)
        monkeypatch.setenv(
            "CSSP_CACHE", str(tmp_path / "cache")
        )  # the first machine goes on meanwhile
        self.performed(bucket.as_uri(), ["sim_3"], place)
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "second"))
        with batch.place_for(planned) as here:
            assert batch.perform(planned, here, lambda event, told: None) == {}
        text = (bucket / "index.html").read_text(encoding="utf-8")
        assert all(f'href="sim_{number}/index.html"' in text for number in (1, 2, 3))
        assert first != addresses.local_copy(bucket.as_uri())

    def test_what_a_failed_city_left_is_sent_and_goes_when_it_is_well(
        self, place, bucket, tmp_path, monkeypatch
    ):
        notebooks = shutil.copytree(place / "notebooks", tmp_path / "notebooks")
        monkeypatch.setenv("CSSP_NOTEBOOKS", str(notebooks))
        good = (notebooks / "01_one.ipynb").read_bytes()
        write_notebook(notebooks / "01_one.ipynb", "1 / 0")
        failures, _ = self.performed(bucket.as_uri(), ["sim_1"], place)
        assert "ZeroDivisionError" in failures["sim_1"]
        assert "ZeroDivisionError" in (bucket / "sim_1.failed" / "01_one.ipynb").read_text()
        (notebooks / "01_one.ipynb").write_bytes(good)
        assert self.performed(bucket.as_uri(), ["sim_1"], place)[0] == {}
        assert not list((bucket / "sim_1.failed").glob("*"))
        assert (bucket / "sim_1" / "index.html").is_file()

    def test_looking_at_results_does_not_disturb_a_run(self, bucket):
        """A city that is done and not yet sent lies in the copy only."""
        copy = addresses.local_copy(bucket.as_uri())
        done = copy / "sim_1" / "index.html"
        done.parent.mkdir(parents=True)
        done.write_text("x")
        code = "import sys, pathlib; from cssp.runs.elsewhere import addresses\nwith addresses.at_work(pathlib.Path(sys.argv[1])): print('ready', flush=True); sys.stdin.read()"
        other = subprocess.Popen(
            [sys.executable, "-c", code, str(copy)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
        assert addresses.fetch_results(bucket.as_uri()) == copy
        assert done.is_file()
        other.kill()
        other.communicate()
        addresses.fetch_results(bucket.as_uri())  # whoever was killed is not at work
        assert not done.exists()

    def test_pages_alone_are_sent_too(self, place, bucket):
        self.performed(bucket.as_uri(), ["sim_1"], place)
        for page in (bucket / "index.html", bucket / "ro-crate-metadata.json"):
            page.unlink()
        assert self.performed(bucket.as_uri(), ["sim_1"], place) == ({}, [])
        assert (bucket / "index.html").is_file()

    @pytest.mark.parametrize(
        "told", [{"modify": 1}, {"LastModified": 1}, {"ETag": 1}, {"mtime": 1}]
    )
    def test_a_file_of_the_same_size_that_changed_is_fetched(self, told):
        """Each kind of file system has its own word for the time of a change; ftp says `modify`."""
        assert addresses._mark({"size": 3, **told}) != addresses._mark(
            {"size": 3, **dict.fromkeys(told, 2)}
        )

    def test_a_study_and_its_results_in_memory(self, place, tmp_path, monkeypatch):
        """fsspec's own file system in memory: what is fetched and sent are the same files."""
        fsspec = pytest.importorskip("fsspec")
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "cache"))
        memory = fsspec.filesystem("memory")
        memory.put(str(place / "study"), "/bucket/study", recursive=True)
        fetched = addresses.fetch("memory://bucket/study")
        assert tree(fetched) == tree(place / "study")
        memory.rm("/bucket/study/cities/sim_3/survey.csv")
        memory.pipe_file("/bucket/study/study.yaml", b"changed")
        fetched = addresses.fetch("memory://bucket/study")
        assert (fetched / "study.yaml").read_bytes() == b"changed"
        assert not (fetched / "cities/sim_3/survey.csv").exists()

    def test_a_city_counts_when_its_manifest_is_there(self, place, here, monkeypatch):
        fsspec = pytest.importorskip("fsspec")
        memory = fsspec.filesystem("memory")
        sent = []
        put = type(memory).put_file
        monkeypatch.setattr(
            type(memory),
            "put_file",
            lambda self, local, remote, **told: (
                sent.append(remote),
                put(self, local, remote, **told),
            ),
        )
        addresses.send(place / "here", "memory://bucket/runs", "sim_1")
        assert sent[-1].endswith("sim_1/manifest.json")
        assert len(sent) > 8

    def test_a_worker_without_the_studys_folder_fetches_it(self, place, tmp_path, monkeypatch):
        fsspec = pytest.importorskip("fsspec")
        monkeypatch.setenv("CSSP_CACHE", str(tmp_path / "cache"))
        fsspec.filesystem("memory").put(str(place / "study"), "/far/study", recursive=True)
        gone = str(tmp_path / "not" / "here")
        told = {"city": "sim_1", "study": gone, "language": "en"}
        notebook = str(place / "notebooks" / "01_one.ipynb")
        outcome = run_one(
            Job(
                "sim_1",
                notebook,
                told,
                str(tmp_path / "part"),
                shown={gone: "study"},
                address="memory://far/study",
            )
        )
        assert outcome.failure == ""
        text = (tmp_path / "part" / "01_one.ipynb").read_text()
        assert 'study = \\"study\\"' in text
        assert str(tmp_path) not in text

    def test_nothing_there_is_one_sentence(self):
        pytest.importorskip("fsspec")
        with pytest.raises(RunError, match="There is nothing at memory://no/study"):
            addresses.fetch("memory://no/study")

    def test_an_address_of_no_kind(self):
        pytest.importorskip("fsspec")
        with pytest.raises(RunError, match="not an address"):
            addresses.fetch("nosuch://x/y")

    def test_s3(self, place, here, tmp_path):
        """A server that speaks S3 on this machine; study and results both lie there."""
        pytest.importorskip("s3fs")
        server_module = pytest.importorskip("moto.server")
        server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            told = {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_ENDPOINT_URL": f"http://{host}:{port}",
                "AWS_DEFAULT_REGION": "us-east-1",
                "CSSP_CACHE": str(tmp_path / "cache"),
            }
            import s3fs

            s3 = s3fs.S3FileSystem(
                key="test",
                secret="test",
                endpoint_url=told["AWS_ENDPOINT_URL"],
                skip_instance_cache=True,
            )
            s3.mkdir("bucket")
            s3.put(str(place / "study"), "bucket/", recursive=True)
            first = run(place, "s3://bucket/runs", study="s3://bucket/study", **told)
            assert first.returncode == 0, first.stderr
            s3.invalidate_cache()
            s3.get("bucket/runs/", str(tmp_path / "back"), recursive=True)
            found = tree(tmp_path / "back")
            same = {
                name for name in here if not name.endswith(".ipynb")
            }  # a notebook names the study's place
            assert {name: found[name] for name in same if "workflow" not in name} == {
                name: here[name] for name in same if "workflow" not in name
            }
            again = run(
                place,
                "s3://bucket/runs",
                study="s3://bucket/study",
                **{**told, "CSSP_CACHE": str(tmp_path / "other")},
            )
            assert "up to date" in again.stdout, again.stderr + again.stdout
        finally:
            server.stop()


@pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")
class TestKernels:
    def test_papermill_runs_anybodys_notebook_with_it(self, tmp_path):
        path = write_notebook(
            tmp_path / "any.ipynb",
            "import os, sys\nprint(os.getcwd(), 'pandas' in sys.modules)",
            "import random, numpy\n(random.random(), float(numpy.random.rand()))",
        )
        seen = []
        for number in range(2):
            told = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "papermill",
                    "-k",
                    KERNEL,
                    str(path),
                    f"out{number}.ipynb",
                    "--no-progress-bar",
                ],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert told.returncode == 0, told.stderr
            cells = [
                c
                for c in nbformat.read(tmp_path / f"out{number}.ipynb", 4).cells
                if c.cell_type == "code"
            ]
            assert cells[1].outputs[0].text == f"{tmp_path} True\n"
            seen.append(cells[2].outputs[0].data["text/plain"])
        assert seen[0] != seen[1]

    def test_no_port_is_opened(self, tmp_path):
        code = "import psutil\nprint([c.laddr for c in psutil.Process().net_connections() if c.status == 'LISTEN'])"
        outcome = run_one(
            Job("x", str(write_notebook(tmp_path / "1.ipynb", code)), {}, str(tmp_path / "part"))
        )
        assert outcome.failure == ""
        assert '"[]\\n"' in (tmp_path / "part" / "1.ipynb").read_text()

    def test_a_kernel_inherits_no_randomness_and_has_a_process_of_its_own(self, tmp_path):
        code = "import os, random, numpy\nprint(os.getpid(), random.random(), numpy.random.rand())"
        path = write_notebook(tmp_path / "1.ipynb", code)
        texts = set()
        for number in range(3):
            assert run_one(Job("x", str(path), {}, str(tmp_path / f"part{number}"))).failure == ""
            texts |= set(
                (tmp_path / f"part{number}" / "1.ipynb")
                .read_text()
                .split('"text": [')[1]
                .split("]")[0]
                .split()
            )
        assert len([one for one in texts if "." in one]) == 6

    def test_the_environment_is_the_askers(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CSSP_TEST_WORD", "hello")
        outcome = run_one(
            Job(
                "x",
                str(
                    write_notebook(
                        tmp_path / "1.ipynb", "import os\nprint(os.environ['CSSP_TEST_WORD'])"
                    )
                ),
                {},
                str(tmp_path / "part"),
            )
        )
        assert outcome.failure == ""
        assert "hello" in (tmp_path / "part" / "1.ipynb").read_text()

    def test_what_the_process_prints_is_kept_as_the_notebooks_log(self, tmp_path):
        code = "import os, subprocess\nsubprocess.run(['sh', '-c', 'echo from a child'])"
        assert (
            run_one(
                Job(
                    "x", str(write_notebook(tmp_path / "1.ipynb", code)), {}, str(tmp_path / "part")
                )
            ).failure
            == ""
        )
        logged = (
            (tmp_path / "part" / "logs" / "1.log").read_text()
            if (tmp_path / "part" / "logs").is_dir()
            else ""
        )
        assert "from a child" in logged + (tmp_path / "part" / "1.ipynb").read_text()

    def test_without_forking_an_ordinary_kernel_starts(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CSSP_FORK", "0")
        assert not can_fork()
        outcome = run_one(
            Job("x", str(write_notebook(tmp_path / "1.ipynb", "1 + 1")), {}, str(tmp_path / "part"))
        )
        assert outcome.failure == ""
