"""REFI-QDA written: projects and codebooks for other tools."""

from __future__ import annotations

import copy
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from lxml import etree

from cssp.interviews.exchange.line_ends import WAYS, Newlines, as_counted
from cssp.interviews.exchange.project import Project
from cssp.interviews.exchange.refi_qda import recount, rename
from cssp.interviews.exchange.refi_schema import CODEBOOK, CODEBOOK_GRAMMAR, GRAMMAR, PROJECT, tidy
from cssp.interviews.exchange.untrusted import opened_archive, refused
from cssp.study.problems import DataError, Problem, short_path
from cssp.study.write_files import file_in_place, write_bytes


def write_qdpx(
    project: Project, path: str | Path, counting: Newlines | None = None
) -> list[Problem]:
    """Write a project as REFI-QDA.

    A `.qdpx` archive with its sources, or a bare document where the name ends in `.qde`.

    What the standard names goes out as it came in, GUIDs included, in the order that makes it
    valid. Files of the archive that was read are
    copied; texts that came from elsewhere are put in.

    Parameters
    ----------
    project : from `read_qdpx`, `merge_projects`, or another reader
    path : where to; written beside and renamed, so a failure leaves nothing half-written
    counting : how the receiving tool counts places: "stored" as the standard says it (a character
        is one), "utf16" where an emoji counts as two (NVivo), with " one" or " two" for line ends;
        None: as the tool did that the project was read from

    Returns
    -------
    warnings: what was left out because the standard does not name it, and texts that are missing

    Raises
    ------
    DataError
        The tables were changed: they are for reading; `add_codings`, `only_coders` and
        `merge_projects` change a project.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import load_study, read_qdpx, study_project
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lost = write_qdpx(study_project(load_study()), f'{folder}/study.qdpx')
    ...     back = read_qdpx(f'{folder}/study.qdpx')
    >>> len(lost), len(back.codings) > 0
    (0, True)
    """
    path = Path(path)
    root = copy.deepcopy(project.root)
    way = counting or project.counting
    if way not in WAYS:
        raise refused(
            short_path(path), f"'{way}' is no way of counting places.", f"Choose {', '.join(WAYS)}."
        )
    if way != "stored":
        recount(root, _texts(project), lambda text: as_counted(text, way))
    marked = sum(1 for _ in root.iter(f"{{{PROJECT}}}Coding"))
    if marked != len(project.codings):
        raise DataError(
            Problem(
                short_path(path),
                f"The project's table has {len(project.codings)} codings and its document "
                f"{marked}: tables are for reading, what is changed in them is not written.",
                "Use add_codings, only_coders or merge_projects.",
            )
        )
    problems = [
        Problem(
            short_path(path),
            f"'{name}' is not part of REFI-QDA 1.0 and was left out.",
            "Nothing need be done.",
            severity="warning",
        )
        for name in sorted(set(tidy(root, GRAMMAR)))
    ]
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)
    if path.suffix.casefold() == ".qde":
        write_bytes(path, document)
        return problems
    inside: dict[str, str] = {}
    missing: list[str] = []
    space = f"{{{PROJECT}}}"
    texts = _texts(project)
    for element in root.iter(space + "TextSource"):
        text, where = texts.get(element.get("guid")), element.get("plainTextPath")
        if where and text is not None:
            name = PurePosixPath(
                unquote(where.partition("://")[2] or where).replace("\\", "/")
            ).name
            element.set("plainTextPath", f"internal://{name}")
            inside[f"Sources/{name}"] = text
        elif where:
            missing.append(element.get("name") or where)
    if missing:
        problems.append(
            Problem(
                short_path(path),
                f"{len(missing)} texts are missing and could not be put in "
                f"(first: '{missing[0]}').",
                "Read the project with folder=..., then write it.",
                severity="warning",
            )
        )
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    with file_in_place(path) as work, zipfile.ZipFile(work, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("project.qde"), document)
        taken = {"project.qde"}
        if project.archive is not None:
            with opened_archive(project.archive) as old:
                for member in old.infolist():
                    if member.is_dir() or member.filename.casefold().endswith(".qde"):
                        continue
                    taken.add(member.filename.casefold())
                    with (
                        old.open(member) as source,
                        archive.open(_entry(member.filename), "w") as target,
                    ):
                        while block := source.read(1 << 20):
                            target.write(block)
        for name, text in inside.items():
            if name.casefold() not in taken:
                archive.writestr(_entry(name), text.encode("utf-8"))
    return problems


def _texts(project: Project) -> dict[str, str | None]:
    return dict(zip(project.sources["guid"], project.sources["text"], strict=True))


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an archive entry without a time of its own.

    So that the same project gives the same bytes.
    """
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def write_qdc(project: Project, path: str | Path) -> list[Problem]:
    """Write a project's code system as a REFI-QDA codebook (`.qdc`).

    Hierarchy, colours, descriptions, sets of codes.

    Parameters
    ----------
    path : the file

    Returns
    -------
    warnings: sets without codes, which a codebook cannot hold

    Examples
    --------
    >>> import tempfile
    >>> from cssp import load_study, read_qdc, study_project
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_qdc(study_project(load_study()), f'{folder}/codes.qdc')
    ...     book = read_qdc(f'{folder}/codes.qdc')
    >>> len(book.codes) > 0
    True
    """
    path = Path(path)
    root = etree.Element(f"{{{CODEBOOK}}}CodeBook", nsmap={None: CODEBOOK})
    root.set("origin", project.origin or "CSSP")
    space = f"{{{PROJECT}}}"
    codes = project.root.find(f"{space}CodeBook/{space}Codes")
    if codes is None or not len(codes):
        raise DataError(
            Problem(
                short_path(path),
                "The project has no codes, so there is no codebook to write.",
                "Add codes first.",
            )
        )
    root.append(copy.deepcopy(codes))
    problems = []
    sets = project.root.find(f"{space}Sets")
    if sets is not None:
        kept = copy.deepcopy(sets)
        for group in list(kept):
            if group.find(f"{space}MemberCode") is None:
                problems.append(
                    Problem(
                        short_path(path),
                        f"The set '{group.get('name')}' has no codes and was left out.",
                        "Nothing need be done.",
                        severity="warning",
                    )
                )
                kept.remove(group)
        for member in kept.iter(f"{space}MemberCode"):
            member.set("guid", member.get("targetGUID"))
        root.append(kept)
    rename(root, CODEBOOK)
    tidy(root, CODEBOOK_GRAMMAR)
    write_bytes(
        path, etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    )
    return problems
