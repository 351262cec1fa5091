"""Runs of many notebooks: `cssp run` beside a loop of papermill and beside its command line, in one run on one machine.

    python benchmarks/batch.py [small] [real] [overhead] [current] [thousand] [dask]

small     20 cities x 4 notebooks whose own work takes a quarter of a second (the case that start-up dominates)
real      the package's own four notebooks; their own work takes most of the time, so the ratio is bounded by it
overhead  of a notebook over the time its cells take in one process
current   100 cities that are up to date, against the full run
thousand  1,000 cities with one notebook: does time grow linearly, what does the parent need, how fast does the index open
dask      two workers of a Dask LocalCluster against the pool of two processes

`--cities N` makes it smaller. Results are compared byte by byte where two ways make the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from runs.small_notebooks import run_command, tree, write_notebook  # noqa: E402

from cssp.simulate.study import simulate_study  # noqa: E402

#: A notebook that counts the answers and draws one figure.
SMALL = (
    "import cssp\nfrom cssp.survey import figures\n\nthe_study = cssp.load_study(study)\nshow = cssp.Show(the_study, language, 'survey', [city])",
    "answers = cssp.load_survey(the_study, [city])\nfreq = cssp.frequency_table(answers, the_study.questionnaire.names('ordinal', focus=True), by=['city', 'sector'])",
    "balances = cssp.net_balance(freq, family='plain', base='substantive', interval='adjusted')\nshow.table(balances, '{name}', 'Net balance of each item by city and sector')",
    "show.save(output)",
)
ACROSS = {
    "table": "01_small",
    "where": {"city": "{city}"},
    "unit": "item",
    "group": "sector",
    "estimate": "balance",
    "low": "ci_low",
    "high": "ci_high",
    "n": "n",
    "positive": "positive",
    "negative": "negative",
}


def small_notebooks(folder: Path, count: int) -> Path:
    for number in range(1, count + 1):
        name = f"{number:02d}_small"
        more = {"across": ACROSS} if number == 1 else {}
        write_notebook(
            folder / f"{name}.ipynb", *(cell.replace("{name}", name) for cell in SMALL), **more
        )
    return folder


def timed(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def cssp_run(study: Path, notebooks: Path, output: Path, *more: str) -> None:
    command = run_command(study, notebooks, output, "-j", "2", *more)
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-2000:]


def by_loop(study: Path, notebooks: list[Path], cities: list[str], output: Path) -> None:
    """What a user of papermill writes: one process, one notebook after another."""
    code = (
        "import sys, json, papermill\n"
        "study, notebooks, cities, output = json.loads(sys.argv[1])\n"
        "import pathlib\n"
        "for city in cities:\n"
        "    for path in notebooks:\n"
        "        folder = pathlib.Path(output) / city\n"
        "        folder.mkdir(parents=True, exist_ok=True)\n"
        "        papermill.execute_notebook(path, str(folder / pathlib.Path(path).name), parameters=dict(city=city, study=study, output=str(folder)),\n"
        "                                   progress_bar=False, kernel_name='python3')\n"
    )
    told = json.dumps([str(study), [str(path) for path in notebooks], cities, str(output)])
    subprocess.run([sys.executable, "-c", code, told], check=True, capture_output=True)


def by_command(study: Path, notebooks: list[Path], cities: list[str], output: Path) -> None:
    """Papermill's command for every notebook."""
    for city in cities:
        for path in notebooks:
            (output / city).mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "papermill",
                    str(path),
                    str(output / city / path.name),
                    "-k",
                    "python3",
                    "-p",
                    "city",
                    city,
                    "-p",
                    "study",
                    str(study),
                    "-p",
                    "output",
                    str(output / city),
                    "--no-progress-bar",
                ],
                check=True,
                capture_output=True,
            )


def same_results(first: Path, second: Path, cities: list[str]) -> int:
    """How many tables and figures are equal byte by byte; an assertion fails where one is not."""
    count = 0
    for city in cities:
        mine = {
            k: v for k, v in tree(first / city).items() if k.startswith(("tables/", "figures/"))
        }
        theirs = {
            k: v for k, v in tree(second / city).items() if k.startswith(("tables/", "figures/"))
        }
        assert mine == theirs and mine, city
        count += len(mine)
    return count


def side_by_side(
    name: str, work: Path, study: Path, folder: Path, paths: list[Path], cities: list[str]
) -> None:
    run = timed(
        lambda: cssp_run(
            study, folder, work / "run", *cities, *(f"--notebook={path.stem}" for path in paths)
        )
    )
    loop = timed(lambda: by_loop(study, paths, cities, work / "loop"))
    command = timed(lambda: by_command(study, paths, cities, work / "command"))
    count = same_results(work / "run", work / "loop", cities) + same_results(
        work / "run", work / "command", cities
    )
    print(
        f"{name}: {len(cities)} cities x {len(paths)} notebooks: cssp run {run:.1f} s (with all pages, workbooks and documents), papermill loop {loop:.1f} s = "
        f"{loop / run:.1f} x, papermill's command {command:.1f} s = {command / run:.1f} x; {count} files equal"
    )


def small(work: Path, cities: int) -> None:
    study = simulate_study(work / "study", cities)
    folder = small_notebooks(work / "notebooks", 4)
    names = sorted(path.name for path in (study / "cities").iterdir())
    side_by_side("small", work, study, folder, sorted(folder.glob("*.ipynb")), names)


def real(work: Path, cities: int) -> None:
    study = simulate_study(work / "study", max(cities, 4))
    paths = sorted((ROOT / "notebooks").glob("0[1-4]*.ipynb"))
    names = sorted(path.name for path in (study / "cities").iterdir())[:cities]
    side_by_side("real", work, study, ROOT / "notebooks", paths, names)


def overhead(work: Path, cities: int) -> None:
    """Of forked kernels, notebook by notebook, one at a time: wall time less the time of the cells."""
    from cssp.runs.deliver import Job
    from cssp.runs.kernels.provisioner import REHEARSAL
    from cssp.runs.kernels.warm_process import WarmProcess
    from cssp.runs.run_notebook import run_one

    study = simulate_study(work / "study", 4)
    with WarmProcess(call=REHEARSAL) as warm:
        os.environ["CSSP_WARM"] = warm.address
        paths = sorted((ROOT / "notebooks").glob("0[1-4]*.ipynb"))
        found = []
        for turn in range(3):
            for path in paths:
                told = {"city": "sim_1", "study": str(study), "language": "en"}
                outcome = run_one(
                    Job("sim_1", str(path), told, str(work / f"part{turn}" / path.stem))
                )
                assert not outcome.failure, outcome.failure
                if turn:  # in the first turn libraries are still being imported
                    found.append(outcome.seconds - outcome.cells_seconds)
        os.environ.pop("CSSP_WARM")
    print(
        f"overhead: {statistics.median(found):.2f} s at the median of {len(found)} notebooks, {max(found):.2f} s at most, over the time of the cells"
    )


def current(work: Path, cities: int) -> None:
    cities = 100 if cities == 20 else cities
    study, folder = simulate_study(work / "study", cities), small_notebooks(work / "notebooks", 4)
    full = timed(lambda: cssp_run(study, folder, work / "run"))
    again = min(timed(lambda: cssp_run(study, folder, work / "run")) for _ in range(3))
    print(
        f"current: {cities} cities x 4 small notebooks: {full:.1f} s; up to date {again:.2f} s = {100 * again / full:.2f} % (<= 2 %, <= 2 s)"
    )


def thousand(work: Path, cities: int) -> None:
    cities = 1000 if cities == 20 else cities
    folder = small_notebooks(work / "notebooks", 1)
    seconds = {}
    for count in (cities // 4, cities // 2, cities):
        study = simulate_study(work / f"study{count}", count)
        command = run_command(study, folder, work / f"run{count}", "-j", "2")
        begun = time.perf_counter()
        started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        most = 0
        while started.poll() is None:
            try:
                status = Path(f"/proc/{started.pid}/status").read_text()
                most = max(
                    most,
                    int(
                        next(
                            line for line in status.splitlines() if line.startswith("VmHWM")
                        ).split()[1]
                    ),
                )
            except (OSError, StopIteration):
                pass
            time.sleep(0.2)
        seconds[count] = time.perf_counter() - begun
        assert started.returncode == 0
        print(
            f"thousand: {count} cities {seconds[count]:.1f} s = {1000 * seconds[count] / count:.0f} ms a city; parent {most / 1024:.0f} MB",
            flush=True,
        )
    per_city = (
        (seconds[cities] - seconds[cities // 2]) / (cities - cities // 2),
        (seconds[cities // 2] - seconds[cities // 4]) / (cities // 2 - cities // 4),
    )
    print(
        f"thousand: the next city costs {1000 * per_city[1]:.0f} ms from {cities // 4} to {cities // 2}, {1000 * per_city[0]:.0f} ms from there to {cities}: ratio {per_city[0] / per_city[1]:.2f}"
    )
    page = work / f"run{cities}" / "index.html"
    print(
        f"thousand: index.html {page.stat().st_size / 1e6:.1f} MB, opens in {opens(page):.2f} s; across.html opens in {opens(page.with_name('across.html')):.2f} s"
    )


def opens(page: Path) -> float:
    """Seconds until the page is loaded, laid out and painted."""
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        ) as opened,
    ):
        tab = opened.new_page()
        tab.goto("about:blank")
        begun = time.perf_counter()
        tab.goto(page.as_uri(), wait_until="load")
        tab.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        return time.perf_counter() - begun


def dask(work: Path, cities: int) -> None:
    from distributed import LocalCluster

    study, folder = simulate_study(work / "study", cities), small_notebooks(work / "notebooks", 4)
    pool = timed(lambda: cssp_run(study, folder, work / "pool"))
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        other = timed(
            lambda: cssp_run(study, folder, work / "dask", "--scheduler", cluster.scheduler_address)
        )
    assert tree(work / "pool") == tree(work / "dask")
    print(
        f"dask: {cities} cities x 4 small notebooks: two processes {pool:.1f} s, two Dask workers {other:.1f} s = {other / pool:.2f} x; results equal"
    )


def main() -> None:
    parts = {
        "small": small,
        "real": real,
        "overhead": overhead,
        "current": current,
        "thousand": thousand,
        "dask": dask,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="which; none: all")
    parser.add_argument("--cities", type=int, default=20)
    told = parser.parse_args()
    for name in told.parts or parts:
        with tempfile.TemporaryDirectory(prefix="cssp-bench-") as folder:
            parts[name](Path(folder), told.cities)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
