"""Random coded studies in the manner of each tool come back as they went out."""

from __future__ import annotations

import os

import pandas as pd
import pytest

import cssp
from cssp.simulate.coded import LISTS, TOOLS, random_coded

#: So many studies a tool; a longer search sets it.
STUDIES = int(os.environ.get("CSSP_STUDIES", "25"))


def as_read(project) -> pd.DataFrame:
    """`interview, path, coder, start, end, quotation` of a project, sorted as the study's table."""
    paths = dict(zip(project.codes["guid"], project.codes["path"], strict=True))
    if project.origin == "Taguette":  # its tags have their group's name within, after which a dot
        paths = {guid: path.split(" > ")[-1].replace(".", " > ") for guid, path in paths.items()}
    texts = dict(zip(project.sources["guid"], project.sources["text"], strict=True))
    rows = [
        (row.interview, paths[row.code_guid], row.coder, int(row.start), int(row.end),
         texts[row.source][int(row.start) : int(row.end)])
        for row in project.codings.itertuples()
    ]  # fmt: skip
    columns = ["interview", "path", "coder", "start", "end", "quotation"]
    return pd.DataFrame(sorted(rows), columns=columns)


@pytest.mark.parametrize("tool", TOOLS)
def test_random_coded_studies_come_back_as_they_went_out(tool, tmp_path):
    write, ending, twins = TOOLS[tool]
    wrong = []
    for seed in range(STUDIES):
        study = random_coded(seed, twins, line_ends=tool != "taguette")
        project = cssp.open_project(write(study, tmp_path / f"{seed}{ending}"))
        expected, found = study.table(), as_read(project)
        if not found.equals(expected):
            differ = pd.concat([expected, found]).drop_duplicates(keep=False)
            told = [p.what for p in project.warnings]
            wrong.append(f"seed {seed}: {differ.to_string()}\n{told}")
    assert not wrong, f"{len(wrong)} of {STUDIES}\n" + "\n".join(wrong[:2])


@pytest.mark.parametrize("tool", TOOLS)
def test_two_halves_coded_apart_are_the_whole(tool, tmp_path):
    """Each coder's copy of the project, merged, has every coding of both, and nothing else."""
    write, ending, twins = TOOLS[tool]
    for seed in range(max(1, STUDIES // 5)):
        study = random_coded(seed, twins, line_ends=False)
        coders = sorted({coder for _, _, coder, _, _ in study.codings})
        if len(coders) < 2:
            continue
        halves = []
        for number, coder in enumerate(coders):
            own = [one for one in study.codings if one[2] == coder]
            half = type(study)(study.texts, study.codes, own)
            halves.append(cssp.open_project(write(half, tmp_path / f"{seed}_{number}{ending}")))
        merged, conflicts = cssp.merge_projects(*halves)
        assert as_read(merged).equals(study.table()), (seed, conflicts.to_string())


@pytest.mark.parametrize("tool", LISTS)
def test_lists_of_segments_keep_every_coding_or_say_which_they_lost(tool, tmp_path):
    """By words: a list has no places, or places of its own tool."""
    for seed in range(STUDIES):
        study = random_coded(seed, line_ends=False)
        texts = pd.DataFrame({"interview": list(study.texts), "text": list(study.texts.values())})
        path = LISTS[tool](study, tmp_path / f"{seed}.xlsx")
        separator = {"maxqda": "\\", "atlas": ": "}[tool]
        project = cssp.read_segment_table(path, texts, separator=separator)
        columns = ["interview", "path", "coder", "quotation"]
        expected = study.table()[columns].sort_values(columns).to_numpy().tolist()
        found = as_read(project)[columns].sort_values(columns).to_numpy().tolist()
        # the same words twice in one paragraph are one passage in such a list, and that is said
        if found != expected:
            warned = " ".join(problem.what for problem in project.warnings)
            assert "several times" in warned or "stand" in warned, (seed, expected, found)
            assert {tuple(row) for row in found} == {tuple(row) for row in expected}
