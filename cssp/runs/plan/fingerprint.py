"""What a result was made from, as hashes: whether it is up to date, and if not, what changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cssp import __version__
from cssp.study.study import STAGES, City, Stage, Study

#: The libraries that compute or draw what is in a result.
LIBRARIES = (
    "babel",
    "ipykernel",
    "ipython",
    "lxml",
    "matplotlib",
    "nbclient",
    "nbformat",
    "networkx",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "pydantic",
    "pyreadstat",
    "python-calamine",
    "pyyaml",
    "patsy",
    "pillow",
    "pymorphy3",
    "pymorphy3-dicts-ru",
    "pysbd",
    "razdel",
    "scipy",
    "seaborn",
    "statsmodels",
)
#: Those that make pages, workbooks and documents of results.
PAGE_LIBRARIES = ("jinja2", "markupsafe", "mistune", "openpyxl", "python-docx")

#: Modules that make no number and no figure; when they change, notebooks need not run again, only
#: the pages are written anew.
NOT_COMPUTING = (
    "runs/",
    "cli",
    "__main__.py",
    "show/office.py",
    "show/workbook.py",
    "show/document.py",
    "show/export.py",
)

PACKAGE = Path(__file__).parents[2]


class Hashes:
    """Hashes of files and folders, each read once."""

    def __init__(self) -> None:
        self._files: dict[Path, str] = {}
        self._folders: dict[Path, dict[str, str]] = {}

    def file(self, path: Path) -> str:
        """Return a file's SHA-256; empty where there is none."""
        if path not in self._files:
            try:
                self._files[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            except (FileNotFoundError, IsADirectoryError):
                self._files[path] = ""
        return self._files[path]

    def folder(self, path: Path) -> dict[str, str]:
        """Return the hashes of all files below a folder, by their path in it.

        Hidden and temporary ones are left out.
        """
        if path not in self._folders:
            files = sorted(one for one in path.rglob("*") if one.is_file())
            names = {str(one.relative_to(path)).replace("\\", "/"): one for one in files}
            self._folders[path] = {
                name: self.file(one)
                for name, one in names.items()
                if not any(part.startswith((".", "~$")) for part in name.split("/"))
            }
        return self._folders[path]

    def tree(self, path: Path) -> str:
        """Return one hash for all of a folder."""
        return hashed(self.folder(path))


def hashed(value: Any) -> str:
    """Return the SHA-256 of a value that JSON can write; the order of keys does not matter.

    >>> hashed({"a": 1, "b": 2}) == hashed({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_hash() -> str:
    """Return the hash of the package's code that computes, draws or words results."""
    return _code(True)


@cache
def pages_hash() -> str:
    """Return the hash of the code that makes pages.

    Workbooks and documents from executed notebooks, and of its libraries' versions.
    """
    return hashed([_code(False), _versions(PAGE_LIBRARIES)])


def _code(computing: bool) -> str:
    found = {}
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(PACKAGE).as_posix()
        if path.suffix not in (".py", ".po", ".j2", ".css", ".js", ".csv") or name.startswith(
            ("_notebooks/", "_study/")
        ):
            continue
        if name.startswith(NOT_COMPUTING) != computing:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashed(found)


@cache
def libraries() -> dict[str, str]:
    """Return the versions of what computes: Python, this package, and the libraries.

    Those not installed are left out.
    """
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "cssp": __version__,
        **_versions(LIBRARIES),
    }


def _versions(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def notebook_hash(path: Path) -> str:
    """Return the hash of a notebook's cells and metadata.

    Stored outputs and execution counts do not matter.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        [
            cell["cell_type"],
            "".join(cell["source"]),
            cell.get("metadata", {}).get("tags", []),
            cell.get("attachments", {}),
        ]
        for cell in content["cells"]
    ]
    return hashed([cells, content["metadata"].get("cssp", {})])


#: Stages whose files are of people.
PEOPLE: tuple[Stage, ...] = ("survey", "interviews")
#: Which of a study's own files each stage reads; `study.yaml` is everybody's.
BOOKS: dict[Stage, tuple[str, ...]] = {
    "survey": ("questionnaire",),
    "interviews": ("codes",),
    "desk": ("indicators", "regulation", "successors", "prices"),
}


def study_files(study: Study, hashes: Hashes, stages: Collection[Stage] = STAGES) -> dict[str, str]:
    """Return the hashes of the files that belong to the study as a whole.

    `study.yaml` and the books of these stages.
    """
    books = [
        getattr(study.file, book) for stage in STAGES if stage in stages for book in BOOKS[stage]
    ]
    if "desk" in stages and study.file.context is not None:
        books += [study.file.context.support, study.file.context.population]
    names = ["study.yaml", *(name for name in books if name)]
    return {name: found for name in names if (found := hashes.file(study.folder / name))}


def files_of(
    study: Study, city: str, hashes: Hashes, stages: Collection[Stage] = STAGES
) -> dict[str, str]:
    """Return the hashes of a city's files, by their path from the study's folder.

    All in its own, and those outside that it names.

    Files that only other stages name are left out: a byte changed in an interview's text is nothing
    to the survey.
    """
    own = study.city(city)
    folder = study.folder / "cities" / city
    foreign = _named(own, [stage for stage in own.stages if stage not in stages])
    mine = _named(own, [stage for stage in own.stages if stage in stages])
    found = {
        f"cities/{city}/{name}": value
        for name, value in hashes.folder(folder).items()
        if not _among(folder / name, foreign) or _among(folder / name, mine)
    }
    for name in named_outside(study, city, stages):
        found[name] = hashes.file((study.folder / name).resolve())
    return _sealed(study, own, found, hashes)


def _sealed(study: Study, city: City, found: dict[str, str], hashes: Hashes) -> dict[str, str]:
    """Return the hashes with those of people's files made so that nobody can try guesses on them.

    Manifests are published, and a plain hash of a short list of names gives it away: whoever tries
    surnames finds them in no time. So a file of the survey or the interviews is told by a hash of
    itself together with all other files of its stage, which only those who have them can make.
    """
    seals, members = {}, {}
    for stage in PEOPLE:
        paths = _named(city, [stage] if city.source(stage) is not None else [])
        inside = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*"))]
        hashes_of_files = sorted(
            hashes.file(path) for path in dict.fromkeys(inside) if path.is_file()
        )
        seals[stage], members[stage] = hashed(hashes_of_files) if hashes_of_files else "", paths
    spare = next(filter(None, seals.values()), "")
    public = _named(city, ["desk"] if city.source("desk") is not None else [])
    public.append((city.folder / "city.yaml").resolve())
    kept = {}
    for name, value in found.items():
        path = (study.folder / name).resolve()
        own = next((stage for stage in PEOPLE if _among(path, members[stage])), None)
        if own is None and _among(path, public):
            kept[name] = value
        else:  # also what lies in the city's folder and nobody names
            kept[name] = hashed([seals[own] if own else spare, value])
    return kept


def _named(city: City, stages: Collection[Stage]) -> list[Path]:
    """Return the files and folders that a city's sources of these stages name."""
    sources = [source for stage in stages if (source := city.source(stage)) is not None]
    return [
        city.path(name)
        for name in dict.fromkeys(name for source in sources for name in source.files())
    ]


def _among(path: Path, named: Iterable[Path]) -> bool:
    return any(path == one or one in path.parents for one in named)


def named_outside(study: Study, city: str, stages: Collection[Stage] = STAGES) -> list[str]:
    """Return the files that `city.yaml` names and that a walk through the city's folder does not
    meet, by their path from the study's folder.

    They lie elsewhere (also behind a link), or their names begin with a dot.
    """
    own = study.city(city)
    folder = (study.folder / "cities" / city).resolve()
    found = []
    for named in _named(own, [stage for stage in own.stages if stage in stages]):
        path = named.resolve()
        inside = path.is_relative_to(folder) and not any(
            part.startswith(".") for part in path.relative_to(folder).parts
        )
        if not inside:
            files = sorted(path.rglob("*")) if path.is_dir() else [path]
            found += [_from(study.folder, file) for file in files if file.is_file()]
    return found


def _from(folder: Path, file: Path) -> str:
    return Path(os.path.relpath(file, folder)).as_posix()


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in a few words what differs between the fingerprint of a result and today's.

    Parameters
    ----------
    before, now : `notebook`, `code` (hashes), `parameters`, `libraries`, `inputs`, `peers` (name ->
        value)

    >>> changes({"inputs": {"a.csv": "1"}}, {"inputs": {"a.csv": "2"}})
    ['a.csv changed']
    """
    reasons = []
    for key in ("inputs", "peers"):
        old, new = before.get(key, {}), now.get(key, {})
        reasons += [f"{name} changed" for name in new if name in old and old[name] != new[name]]
        reasons += [f"{name} is new" for name in new if name not in old]
        reasons += [f"{name} is gone" for name in old if name not in new]
    if before.get("notebook") != now.get("notebook"):
        reasons.append("the notebook changed")
    old, new = before.get("parameters", {}), now.get("parameters", {})
    reasons += [
        f"parameter {name}: {old.get(name, 'default')} -> {new.get(name, 'default')}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    old, new = before.get("libraries", {}), now.get("libraries", {})
    reasons += [
        f"{name} {old.get(name, 'absent')} -> {new.get(name, 'absent')}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    if before.get("code") != now.get("code"):
        reasons.append("the code of cssp changed")
    return reasons
