"""Who read which interview: the coders of a city's interviews."""

from __future__ import annotations

import pandas as pd

from cssp.study.city_file import InterviewSource
from cssp.study.problems import Problem, nearest


def who_coded(file: str, segments: pd.DataFrame, interviews: pd.DataFrame) -> list[Problem]:
    """Return where the coders of an interview and the coders of its segments do not fit."""
    marked = set(zip(segments["interview"], segments["coder"], strict=True))
    problems = []
    for interview, coders in zip(interviews["interview"], interviews["coders"], strict=True):
        for coder in coders:
            if (interview, coder) not in marked:
                problems.append(
                    Problem(
                        file,
                        f"The coder '{coder}' has no segment in the interview '{interview}', which "
                        "is read as: nothing found.",
                        "If the coder did not code it, name its coders in the column 'coders' of "
                        "the attributes file.",
                        column="interview",
                        value=interview,
                        severity="warning",
                    )
                )
        for coder in sorted({c for i, c in marked if i == interview} - set(coders)):
            problems.append(
                Problem(
                    file,
                    f"The coder '{coder}' has segments in the interview '{interview}' but is not "
                    "among its coders.",
                    "Add the coder to the column 'coders' of the attributes file.",
                    column="coder",
                    value=coder,
                )
            )
    return problems


def coders_of(
    source: InterviewSource, segments: pd.DataFrame, file: str, problems: list[Problem]
) -> list[str]:
    """Return the coders of a city: those that city.yaml names, or all who coded something."""
    found = sorted(segments["coder"].unique())
    for coder in source.coders:
        if coder not in found:
            problems.append(
                Problem(
                    file,
                    f"The coder '{coder}' has nothing coded. {nearest(coder, found)}",
                    "Add the codings, or take the coder out of city.yaml.",
                    column="coder",
                    value=coder,
                )
            )
    for coder in found if source.coders else []:
        if coder not in source.coders:
            problems.append(
                Problem(
                    file,
                    f"'{coder}' is not among the coders of city.yaml. "
                    f"{nearest(coder, source.coders)}",
                    "Correct the name, or add the coder.",
                    column="coder",
                    value=coder,
                )
            )
    return source.coders or found
