"""A folder of results made for others, and refused while something in it points at people."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from cssp.privacy.attack import attack
from cssp.privacy.published import read_published
from cssp.privacy.traces import COLUMNS, traces
from cssp.study.problems import RunError, short_path
from cssp.study.study import Study
from cssp.study.write_files import folder_in_place


def what_points_at_people(folder: Path, study: Study) -> pd.DataFrame:
    """Return what a stranger could learn of people from a folder of results.

    Parameters
    ----------
    folder : the results
    study : whose they are

    Returns
    -------
    One row a finding: `kind, file, what, remedy`.

    Raises
    ------
    DataError
        There is no such folder, or it is empty.
    """
    published = read_published(folder)
    given = attack(published, study)
    lines = []
    for (city, sector, by), part in given.groupby(["city", "sector", "by"], sort=False):
        exact = int((part["low"] == part["high"]).sum())
        lines.append(
            {
                "kind": "hidden count",
                "file": by,
                "what": f"{len(part)} answers of the hidden group '{sector}' in '{city}' follow "
                f"from the tables, {exact} of them exactly",
                "remedy": "Hide the totals, or the group next in size.",
            }
        )
    counts = pd.DataFrame(lines, columns=COLUMNS)
    return pd.concat([counts, traces(published, study)], ignore_index=True)


def publish(folder: Path, target: Path, study: Study) -> int:
    """Copy a folder of results for others; return how many files it has.

    Hidden and temporary files stay behind.

    Raises
    ------
    RunError
        Something in the folder points at people, or the target is there already.
    DataError
        There is no such folder, or it is empty.
    """
    found = what_points_at_people(folder, study)
    if len(found):
        first = found.iloc[0]
        raise RunError(
            f"{len(found)} things in {short_path(folder)} point at people, first {first['file']}: "
            f"{first['what']}. `cssp privacy {folder}` lists them; nothing was written."
        )
    if target.exists():
        raise RunError(f"{short_path(target)} is there already; name a new folder.")
    published = read_published(folder)
    with folder_in_place(target) as work:
        for path in published.files:
            place = work / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    return len(published.files)
