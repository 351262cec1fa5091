"""A code system by itself in the REFI-QDA form (.qdc)."""

from __future__ import annotations

import copy
from pathlib import Path

from lxml import etree

from cssp.interviews.exchange.project import Project
from cssp.interviews.exchange.project_files import ProjectFiles
from cssp.interviews.exchange.refi_qda import project_of, rename
from cssp.interviews.exchange.refi_schema import PROJECT, local
from cssp.interviews.exchange.untrusted import LIMITS, Limits, parsed, refused, whole_of
from cssp.study.problems import short_path


def read_qdc(path: str | Path, limits: Limits = LIMITS) -> Project:
    """Read a REFI-QDA codebook (`.qdc`) as a project that has codes and sets only.

    Parameters
    ----------
    path : the codebook
    limits : how much the file may ask for

    Raises
    ------
    DataError
        Why the file is refused, or a GUID that names two codes.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import load_study, study_project, write_qdc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_qdc(study_project(load_study()), f'{folder}/codes.qdc')
    ...     book = read_qdc(f'{folder}/codes.qdc')
    >>> len(book.codes) > 0, len(book.codings)
    (True, 0)
    """
    path = Path(path)
    file = short_path(path)
    root = parsed(whole_of(path, limits.size), file, limits)
    if local(root) == "Project":
        return project_of(root, file, ProjectFiles(None, None, limits, file), "auto", None)
    if local(root) != "CodeBook":
        raise refused(
            file,
            f"Its root is '{local(root)}', not a REFI-QDA codebook.",
            "Export the codebook as REFI-QDA (.qdc).",
        )
    project = etree.Element(f"{{{PROJECT}}}Project", nsmap={None: PROJECT}, name=path.stem)
    if root.get("origin"):
        project.set("origin", root.get("origin"))
    book = etree.SubElement(project, f"{{{PROJECT}}}CodeBook")
    for part in root:
        if local(part) in ("Codes", "Sets"):
            target = book if local(part) == "Codes" else project
            target.append(copy.deepcopy(part))
    rename(project, PROJECT)
    for member in project.iter(f"{{{PROJECT}}}MemberCode"):
        if member.get("guid") is not None:  # the codebook's schema calls it so
            member.set("targetGUID", member.get("guid"))
            del member.attrib["guid"]
    return project_of(project, file, ProjectFiles(None, None, limits, file), "auto", None)
