"""In a real browser: JupyterLab opens each notebook and runs all of it; the pages of a run open, whole, without the network."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlparse

import nbformat
import pytest
from conftest import ROOT

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="no Chromium here (apt install chromium); required in CI",
    ),
]
NOTEBOOKS = [
    *sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")),
    "workshop/02d_models.ipynb",
]


#: The notebook is open and its kernel waits for work.
READY = """() => {
    const widget = window.jupyterapp?.shell.currentWidget;
    const kernel = widget?.sessionContext?.session?.kernel;
    return widget?.context?.isReady && widget.sessionContext.isReady && kernel?.status === 'idle'
        && kernel.connectionStatus === 'connected' && !!document.querySelector('.jp-NotebookPanel .jp-Cell');
}"""

STATES = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === 'code').map(cell => [cell.executionCount, cell.executionState])"""

EXECUTED = """count => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === 'code' && cell.executionCount && cell.executionState !== 'running').length >= count"""


@pytest.fixture(scope="module")
def browser() -> Iterator:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "CI must have Chromium"
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=arguments) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """JupyterLab on a copy of the notebooks, on this machine only."""
    root = tmp_path_factory.mktemp("lab")
    (root / "workshop").mkdir()
    for name in NOTEBOOKS:
        notebook = nbformat.read(ROOT / "notebooks" / name, 4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, root / name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={port}",
            f"--ServerApp.root_dir={root}",
            "--IdentityProvider.token=",
            "--ServerApp.password=",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=root,
        env={
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(root / ".config"),
            "JUPYTER_DATA_DIR": str(root / ".data"),
        },
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        yield address, root
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_jupyterlab_runs_all_of_a_notebook(browser, lab, name):
    address, root = lab
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.goto(f"{address}/lab/tree/{name}?reset", wait_until="domcontentloaded")
    page.wait_for_function(READY, timeout=120_000)
    codes = [c for c in nbformat.read(root / name, 4).cells if c.cell_type == "code"]
    page.get_by_role("menuitem", name="Run", exact=True).first.click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).first.click()
    try:
        page.wait_for_function(EXECUTED, arg=len(codes), timeout=180_000)
    except Exception as error:
        states = page.evaluate(STATES)
        raise AssertionError(f"not every cell of {name} was executed: {states}") from error
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(800)
    shots = os.environ.get("CSSP_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/lab_{name}.png")
    page.close()
    executed = [c for c in nbformat.read(root / name, 4).cells if c.cell_type == "code"]
    assert all(cell.execution_count for cell in executed)
    assert not [o for cell in executed for o in cell.outputs if o.output_type == "error"]
    assert sum("image/png" in o.get("data", {}) for cell in executed for o in cell.outputs) >= 1


@pytest.fixture(scope="module", params=["en", "ru"])
def pages(request, tmp_path_factory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(f"pages_{request.param}")
    subprocess.run(
        [sys.executable, "-m", "cssp", "run", "--language", request.param, "--output", str(folder)],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=600,
    )
    return request.param, folder


PAGES = [
    "index.html",
    "across.html",
    "vologda/index.html",
    "vologda/01_desk_study.html",
    "vologda/02_expert_survey.html",
    "vologda/03_interview_coding.html",
    "petrozavodsk/04_synthesis.html",
    "+all/05_all_regions.html",
]
#: Those that axe-core reads: one of each kind.
KINDS = ["index.html", "across.html", "vologda/index.html", "vologda/02_expert_survey.html"]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_pages_open_whole(browser, pages, name):
    language, folder = pages
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / name).as_uri())
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_function("[...document.images].every(image => image.complete)", timeout=30_000)
    if name != "across.html":
        assert page.evaluate("document.images.length") >= 1
    assert page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)") == []
    assert page.evaluate("[...document.images].filter(i => i.alt.length < 40).length") == 0
    assert page.evaluate("document.documentElement.lang") == language
    for link in page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)"):
        target = urlparse(link)
        assert target.scheme == "file", link
        assert Path(unquote(target.path)).exists(), link
        if target.fragment and Path(unquote(target.path)) == folder / name:
            assert page.evaluate("id => !!document.getElementById(id)", unquote(target.fragment)), (
                link
            )
    assert not [url for url in asked if not url.startswith("file:")]
    assert errors == []
    shots = os.environ.get("CSSP_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/{language}_{re.sub(r'[^a-z]', '_', name)}.png")
    page.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker axe-core, as its package for Playwright has it."""
    package = files("axe_playwright_python")
    return package.joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1300])
@pytest.mark.parametrize("name", KINDS)
def test_pages_can_be_read_by_all(browser, pages, axe, name, width, scheme):
    """WCAG 2.2 AA as far as axe-core can tell, wide and narrow, light and dark; only tables scroll sideways, in their own boxes."""
    language, folder = pages
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((folder / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(axe)
    told = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    found = [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
        for one in told["violations"]
    ]
    assert found == []
    shots = os.environ.get("CSSP_SHOTS")
    if shots:
        page.screenshot(
            path=f"{shots}/{language}_{scheme}_{width}_{re.sub(r'[^a-z]', '_', name)}.png"
        )
    page.close()


@pytest.mark.slow
def test_the_index_sorts_and_searches(browser, pages):
    _, folder = pages
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    names = "[...document.querySelectorAll('#cities tbody tr')].filter(r => !r.hidden).map(r => r.cells[0].querySelector('a').textContent)"
    first = page.evaluate(names)
    assert len(first) == 2
    head = page.locator("#cities thead th").nth(5).locator("button")
    head.click()
    values = page.evaluate(
        "[...document.querySelectorAll('#cities tbody tr')].map(r => Number(r.cells[5].dataset.value))"
    )
    assert values == sorted(values)
    head.click()
    assert (
        page.evaluate("document.querySelectorAll('#cities thead th')[5].getAttribute('aria-sort')")
        == "descending"
    )
    page.fill("#search", first[0][:5])
    assert page.evaluate(names) == [first[0]]
    page.close()


@pytest.mark.slow
def test_the_page_across_cities_draws_each_balance(browser, pages):
    _, folder = pages
    page = browser.new_page()
    page.goto((folder / "across.html").as_uri())
    before = page.text_content("#reading")
    assert page.locator("#forest circle").count() == 2
    assert page.locator("#funnel polyline").count() == 4
    page.select_option("#measure", "5")
    assert page.text_content("#reading") != before
    assert page.locator("#ranks tbody tr").count() == 2
    page.close()


@pytest.mark.slow
def test_the_report_prints(browser, pages, tmp_path):
    _, folder = pages
    page = browser.new_page()
    page.goto((folder / "vologda" / "02_expert_survey.html").as_uri())
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").stat().st_size > 200_000
    shots = os.environ.get("CSSP_SHOTS")
    if shots:
        shutil.copy(tmp_path / "report.pdf", shots)
    page.close()
