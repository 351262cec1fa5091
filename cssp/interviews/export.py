"""A study's interviews as a REFI-QDA project, for any coding tool."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cssp.interviews.exchange.line_ends import Newlines
from cssp.interviews.exchange.refi_qda_write import write_qdc, write_qdpx
from cssp.interviews.study_project import study_project
from cssp.study.problems import RunError
from cssp.study.study import Study


def export_interviews(
    study: Study,
    path: str | Path,
    cities: Iterable[str] | None = None,
    language: str = "",
    counting: Newlines = "stored",
) -> Path:
    """Write the interviews of some cities as `.qdpx` (texts, codings, attributes).

    Or their code system as `.qdc`, for ATLAS.ti, MAXQDA, NVivo, QualCoder.

    These are the interviews themselves, names included: keep the file as safe as the texts.

    Parameters
    ----------
    path : the file
    language : code of the language; empty: the study's first
    counting : how the receiving tool counts places, as in `write_qdpx`: "utf16" for NVivo

    Returns
    -------
    the file

    Raises
    ------
    RunError
        No city has interviews, or the name ends in neither .qdpx, .qde nor .qdc.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import load_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = export_interviews(load_study(), f'{folder}/study.qdpx').name
    >>> name
    'study.qdpx'
    """
    target = Path(path)
    if target.suffix.casefold() not in (".qdpx", ".qde", ".qdc"):
        raise RunError(
            f"'{target.name}' is no name of a project: it should end in .qdpx, .qde (without "
            "texts) or .qdc (codes only)."
        )
    project = study_project(study, cities, language)
    if target.suffix.casefold() == ".qdc":
        write_qdc(project, target)
    else:
        write_qdpx(project, target, counting)
    return target
