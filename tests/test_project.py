"""What the project promises about itself: names, ranges, start-up time, no hosts, no item in the code."""

from __future__ import annotations

import inspect
import io
import os
import re
import subprocess
import sys
import tokenize
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from conftest import ROOT

import cssp


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirement(text: str) -> tuple[str, str]:
    name, _, version = text.replace(" ", "").partition(">=")
    name = name.partition("[")[0]  # conda has no extras
    return name.lower().replace("_", "-"), version


def test_environment_yml_names_the_same_packages_and_ranges():
    wanted = dict(map(requirement, project()["dependencies"]))
    for extra, names in project()["optional-dependencies"].items():
        if extra not in ("cluster", "kubernetes"):  # for machines of a cluster, not for a desk
            wanted.update(dict(map(requirement, names)))
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    given, pip = {}, []
    for entry in environment["dependencies"]:
        if isinstance(entry, dict):
            pip += entry["pip"]
        else:
            given.update([requirement(entry)])
    python = given.pop("python")
    given.pop("pip")
    # the same library under conda-forge's name
    for conda, pypi in (("python-build", "build"), ("matplotlib-base", "matplotlib")):
        if conda in given:
            given[pypi] = given.pop(conda)
    given.update(dict(map(requirement, (entry for entry in pip if entry != "-e ."))))
    assert python == project()["requires-python"].removeprefix(">=")
    assert given == wanted


def test_constraints_are_versions_only():
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"#.*|[\w.-]+==[\w.+!-]+", line), line


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.splitlines()]


def test_no_registry_host_and_no_path_of_a_machine():
    hosts = re.compile(
        "|".join(
            [
                "pypi" + r"\.org",
                "pytho" + r"nhosted",
                "npm" + r"js\.(org|com)",
                "/wor" + "k/",
                "/root" + "/",
                "/hom" + "e/",
            ]
        )
    )
    for path in tracked():
        if path.suffix in (".png", ".xls", ".sav") or not path.exists():
            continue
        found = hosts.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path}: {found.group()}"


def test_importing_cssp_is_quick():
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import cssp"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    total = next(int(line.split("|")[1]) for line in told.splitlines() if line.endswith(" cssp"))
    assert total < 200_000
    assert "pandas" not in told


def test_help_needs_no_pandas():
    code = "import sys, runpy; sys.argv = ['cssp', '--help']\ntry:\n    runpy.run_module('cssp.cli.main', run_name='x')['app'](standalone_mode=False)\nfinally:\n    assert 'pandas' not in sys.modules and 'seaborn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_every_public_name_can_be_had_and_is_documented():
    for name in cssp.__all__:
        assert getattr(cssp, name).__doc__ if name != "__version__" else cssp.__version__
    assert set(cssp.__all__) <= set(dir(cssp))


def names_of_the_default_study() -> set[str]:
    study = cssp.load_study(ROOT / "data")
    return (
        {item.name for item in study.questionnaire.items}
        | set(study.codes.names)
        | set(study.cities)
    )


def words(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


def test_no_item_code_or_city_is_named_in_the_package_or_a_notebook():
    names = names_of_the_default_study()
    for path in (ROOT / "cssp").rglob("*.py"):
        # an empty study to start from has an item of its own, in a text
        source = path.read_text(encoding="utf-8")
        if path.name == "new_study.py":
            source = "".join(
                t.string + " "
                for t in tokenize.generate_tokens(io.StringIO(source).readline)
                if t.type != tokenize.STRING
            )
        assert words(source) & names == set(), path
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
                assert words(cell.source) & names == set(), path


@pytest.mark.slow
def test_the_wheel_carries_the_notebooks_and_the_default_study(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
    )
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for needed in (
        "cssp/_notebooks/02_expert_survey.ipynb",
        "cssp/_notebooks/workshop/02c_scales.ipynb",
        "cssp/_study/study.yaml",
        "cssp/_study/cities/vologda/survey.csv",
        "cssp/show/locale/ru.po",
        "cssp/runs/report/templates/city.html.j2",
        "cssp/py.typed",
    ):
        assert needed in names
    # installed elsewhere, without the repository: the default study is found, and a new one can be begun
    home = tmp_path / "site"
    zipfile.ZipFile(next(tmp_path.glob("*.whl"))).extractall(home)
    code = "import cssp, cssp.study.study as s; assert 'site' in cssp.__file__; print(s.default_study(), len(cssp.load_survey(cssp.load_study())), *s.notebooks_folder().glob('*.ipynb'))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_study 201" in told.stdout
    assert "04_synthesis" in told.stdout
    subprocess.run(
        [sys.executable, "-m", "cssp", "new", "mine"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(home)},
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "mine" / "cities" / "my_city" / "city.yaml").is_file()


def test_every_public_name_is_explained_with_an_example_that_runs():
    """Its docstring's examples are run by pytest; at least one line of each is not skipped."""
    silent = []
    for name in cssp.__all__:
        if name.startswith("__"):
            continue
        text = inspect.getdoc(getattr(cssp, name)) or ""
        lines = [line for line in text.splitlines() if line.lstrip().startswith(">>>")]
        if not [line for line in lines if "+SKIP" not in line and "import" not in line]:
            silent.append(name)
    assert silent == []


def test_every_public_function_explains_each_of_its_parameters():
    silent = []
    for name in cssp.__all__:
        function = inspect.unwrap(getattr(cssp, name)) if not name.startswith("__") else None
        if inspect.isfunction(function):
            text = inspect.getdoc(function) or ""
            silent += [
                f"{name}: {parameter}"
                for parameter in inspect.signature(function).parameters
                if not re.search(rf"\b{parameter}\b", text)
            ]
    assert silent == []


def test_the_readme_and_ci_call_the_same_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_public_functions_can_be_called_again(study):
    """A module of the same name must not take a function's place once it is imported."""
    for _ in range(2):
        assert cssp.check(study, study.cities[:1]).empty


def commands_of(name: str) -> list[str]:
    """The lines of a README's shell blocks, without their comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]


def test_the_russian_readme_has_the_same_commands_and_places():
    assert commands_of("README.ru.md") == commands_of("README.md")
    russian = (ROOT / "README.ru.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^## ", russian, flags=re.MULTILINE)) == 7
    for place in re.findall(r"\]\(([\w./]+)\)", russian):
        assert (ROOT / place).exists(), place


def test_the_readmes_comparison_is_that_of_the_notebook(study):
    """Its p, corrected, is what the stored table of notebook 2 shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(
        code
        for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
        if "compare_groups" in code
    )
    scope: dict = {}
    exec(block, scope)
    from lxml import html

    from cssp.show.words import Words

    book = nbformat.read(ROOT / "notebooks" / "02_expert_survey.ipynb", as_version=4)
    told = next(
        output
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.get("metadata", {}).get("cssp", {}).get("name") == "city_against_city"
        and output["metadata"]["cssp"]["kind"] == "table"
    )
    place = told["metadata"]["cssp"]["columns"].index("p_level_adjusted")
    rows = html.fromstring("".join(told["data"]["text/html"])).xpath("//tbody/tr")
    shown = [row[place].text_content() for row in rows]
    compared = scope["compared"]["p_level_adjusted"].head(len(shown))
    assert [Words("en").p_value(p) if p == p else "—" for p in compared] == shown
