"""Measure the interviews' measures against their peers, side by side in one run: `python benchmarks/interviews.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
from lxml import etree
from timing import best

from cssp.interviews.agreement import agreement
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.refi_qda import read_qdpx
from cssp.interviews.exchange.refi_qda_write import write_qdpx
from cssp.interviews.units import judgements, units
from cssp.study.code_system import Code, CodeSystem


def corpus(
    interviews: int, coders: int, codes: int, each: int, length: int, seed: int = 1
) -> tuple[CodeSystem, pd.DataFrame, pd.DataFrame]:
    """Random interviews and codings; not data, a load."""
    rng = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(codes)]
    system = CodeSystem(
        codes=[Code(name=name, label={"en": name}, definition={"en": name}) for name in names]
    )
    who = [f"coder{number}" for number in range(coders)]
    texts = pd.DataFrame(
        {
            "city": "x",
            "interview": [f"i{n}" for n in range(interviews)],
            "text": "слово " * (length // 6),
        }
    )
    texts["coders"] = [who] * len(texts)
    count = interviews * each
    start = rng.integers(0, length - 200, count)
    segments = pd.DataFrame(
        {
            "city": "x",
            "interview": np.repeat(texts["interview"].to_numpy(), each),
            "coder": rng.choice(who, count),
            "code": rng.choice(names, count),
            "start": start,
            "end": start + rng.integers(20, 150, count),
        }
    )
    return system, segments, texts


def alpha_against_a_loop() -> None:
    system, segments, texts = corpus(28, 3, 40, 100, 6000)
    replicates = 10_000
    ours = best(lambda: agreement(segments, texts, system, replicates=replicates), 3)
    told = judgements(units(segments, texts), segments, texts, system)
    rng = np.random.default_rng(0)
    few = 20  # the loop takes minutes; a part of it is measured and scaled

    def loop() -> None:
        for _ in range(few):
            drawn = rng.integers(0, 28, 28)
            for code in range(40):
                values = told.yes[drawn, :, code].T.astype(float)
                if len(np.unique(values)) > 1:
                    krippendorff.alpha(values, level_of_measurement="nominal")

    theirs = best(loop, 3) * replicates / few
    table = agreement(segments, texts, system, replicates=0)
    same = max(
        abs(
            krippendorff.alpha(told.yes[:, :, code].T.astype(float), level_of_measurement="nominal")
            - table["alpha"][code]
        )
        for code in range(40)
    )
    print(
        f"alpha, 10,000 replicates, 3 coders x 28 interviews x 40 codes: {ours:.3f} s; loop over krippendorff.alpha {theirs:.0f} s (scaled from {few}): {theirs / ours:.0f} x; greatest difference {same:.1e}"
    )


def reading_against_parsing() -> None:
    system, segments, texts = corpus(2000, 3, 40, 100, 6000)
    codes = pd.DataFrame({"code": system.names, "parent": ""})
    project = project_from_tables("load", codes, texts[["interview", "text"]], segments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "load.qdpx"
        write_qdpx(project, path)
        # in a process of its own: memory that building the load has left behind would serve the one and not the other
        subprocess.run([sys.executable, __file__, str(path)], check=True)


def read_and_parse(path: Path) -> None:
    """Measure by turns how long the project and its document take."""
    with zipfile.ZipFile(path) as archive:
        document = archive.read("project.qde")
    read, parse = float("inf"), float("inf")
    for _ in range(4):
        parse = min(parse, best(lambda: etree.fromstring(document), 1))
        read = min(read, best(lambda: read_qdpx(path), 1))
    codings = len(read_qdpx(path).codings)
    print(
        f"project of 2,000 interviews and {codings:,} codings ({len(document) / 1e6:.0f} MB): read {read:.2f} s, lxml parses its XML in {parse:.2f} s: {read / parse:.2f} x"
    )


def characters_without_characters() -> None:
    system, segments, texts = corpus(28, 3, 40, 100, 6000)
    runs = units(segments, texts, "character")
    print(
        f"agreement by character: {int(runs['size'].sum()):,} characters in {len(runs):,} runs, {best(lambda: agreement(segments, texts, system, by='character'), 3):.3f} s with 2,000 replicates"
    )


if __name__ == "__main__" and len(sys.argv) > 1:
    read_and_parse(Path(sys.argv[1]))
elif __name__ == "__main__":
    alpha_against_a_loop()
    reading_against_parsing()
    characters_without_characters()
