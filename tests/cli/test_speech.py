"""Tests of `cli/speech`: the command speaks the language of whoever uses it."""

from __future__ import annotations

import os
import subprocess
import sys

import pandas as pd
import pytest
from conftest import ROOT

from cssp.cli.options import print_problems
from cssp.cli.speech import said

RUSSIAN = {"LC_ALL": "ru_RU.UTF-8"}


def cssp(*words: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LANG", "CSSP_LANGUAGE")}
    return subprocess.run(
        [sys.executable, "-m", "cssp", *words],
        cwd=ROOT,
        env={**kept, "PYTHONIOENCODING": "utf-8", **surroundings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "surroundings", "says"),
    [
        (["--help"], {}, "Usage:"),
        (["--help"], RUSSIAN, "Использование:"),
        (["--language", "en", "--help"], RUSSIAN, "Usage:"),
        (["--language=ru", "run", "--help"], {}, "Примеры:"),
        (["add", "--help"], {"CSSP_LANGUAGE": "ru"}, "Аргументы:"),
        (["--help"], {"LANG": "C"}, "Usage:"),
    ],
)
def test_help_is_in_the_language_asked_or_the_systems(words, surroundings, says):
    told = cssp(*words, **surroundings)
    assert (told.returncode, says in told.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["check", "nocity"], "нет города «nocity»"),
        (["check", "--csvv", "x"], "Нет параметра --csvv"),
        (["runn"], "Нет команды «runn»"),
        (["run", "--study", "nowhere"], "nowhere: Такой папки нет"),
        (["--language", "xx", "check"], "«xx»"),
    ],
)
def test_what_is_wrong_is_said_in_russian_with_exit_code_two(words, says):
    told = cssp(*words, CSSP_LANGUAGE="ru")
    assert told.returncode == 2
    assert says in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


def test_a_study_in_one_language_is_answered_in_it(tmp_path):
    made = cssp("new", str(tmp_path / "s"))
    assert made.returncode == 0
    path = tmp_path / "s" / "study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        "\n".join(
            "languages: [ru]" if line.startswith("languages:") else line
            for line in text.splitlines()
        )
        + "\n",
        encoding="utf-8",
    )
    assert "Как прочитаны файлы" in cssp("check", "--study", str(tmp_path / "s")).stdout
    assert (
        "How the files are read"
        in cssp("--language", "en", "check", "--study", str(tmp_path / "s")).stdout
    )


def test_a_draft_asks_in_the_language_of_whoever_made_it(tmp_path):
    file = tmp_path / "a.csv"
    rows = ["q1;q2", *[f"{1 + n % 5};{('да', 'нет', 'может быть')[n % 3]}" for n in range(12)]]
    file.write_text("\n".join(rows), encoding="utf-8")
    drafts = {}
    for language in ("en", "ru"):
        target = tmp_path / f"{language}.yaml"
        told = cssp("draft-questionnaire", str(file), "-o", str(target), CSSP_LANGUAGE=language)
        assert told.returncode == 0, told.stderr
        drafts[language] = target.read_text(encoding="utf-8").splitlines()
    bare = {code: [line.partition("#")[0] for line in text] for code, text in drafts.items()}
    assert bare["en"] == bare["ru"]  # only what is asked differs
    asked = [line.partition("# TODO: ")[2] for line in drafts["ru"] if "# TODO: " in line]
    assert asked and all(any("а" <= letter <= "я" for letter in line) for line in asked)


def test_the_names_in_a_file_stay_as_they_were_written(monkeypatch, capsys):
    monkeypatch.setenv("CSSP_LANGUAGE", "ru")
    assert (said("sheet"), said("value")) == ("лист", "значение")  # as a message's own words
    row = {"severity": "warning", "file": "sheet", "row": 2, "column": "value", "value": "error"}
    print_problems(pd.DataFrame([{**row, "what": "file", "remedy": pd.NA}]))
    cells = {cell.strip() for cell in capsys.readouterr().out.split("│")}
    assert {"предупреждение", "sheet", "value", "error", "файл"} <= cells
