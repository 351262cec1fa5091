"""A folder of transcripts as one table of texts, with what was read how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cssp.interviews.attributes import natural
from cssp.interviews.transcripts.lines import READERS, Lines, read_lines
from cssp.interviews.transcripts.speakers import role_of, speech_of
from cssp.interviews.transcripts.speech import Speech, key_of
from cssp.interviews.turns import INTERVIEWER, RESPONDENT
from cssp.study.problems import CsspError, DataError, Problem, nearest, short_path
from cssp.tables.read import read_table

#: What the two are called where the transcript itself has no labels.
LABELS = {
    "ru": {INTERVIEWER: "Интервьюер", RESPONDENT: "Респондент"},
    "en": {INTERVIEWER: "Interviewer", RESPONDENT: "Respondent"},
}
#: How tables call an interview, its day and its place in the order.
_HEADINGS = {
    "interview": "interview интервью file файл transcript транскрипт id код document документ имя",
    "held": "held date дата day день",
    "order": "order порядок номер №",
}


@dataclass(frozen=True)
class Transcripts:
    """Transcripts as they are kept for coding.

    Attributes
    ----------
    texts : `interview, text` and the attributes that the table gave, in the order held
    speakers : label -> interviewer, respondent, or None where it must be asked
    intake : a row a file: `file, interview, read_as, speakers, told_by, turns, asked` (turns of the
        interviewer), `words` (of the answers), `before` (lines before the first turn), `times`
        (taken out), `doubtful` (what looks like a speaker once and was kept as text), `left_out`
    hints : label -> what speaks for which role, where it must be asked
    """

    texts: pd.DataFrame
    speakers: dict[str, str | None]
    intake: pd.DataFrame
    hints: dict[str, str]


def read_transcripts(
    place: str | Path | Sequence[str | Path],
    attributes: str | Path | None = None,
    known: Iterable[str] = (),
) -> Transcripts:
    """Read transcripts (.docx, .odt, .txt, .pdf) with who says what in them.

    Speakers are told by labels ("Интервьюер:", "И.:", "Q:", "Р1 –"), by the first column of a
    table, by bold questions, or by dashes before questions. Each turn becomes a line that begins
    with its speaker; what is before the first turn stays above. Times of the recording are taken
    out, and counted.

    Parameters
    ----------
    place : a folder, or files; an interview is named as its file
    attributes : a table with a row an interview: its name (or file), `held` (date), `order`, and
        whatever else is known of it
    known : labels of speakers that somebody has named, also where they stand once

    Raises
    ------
    DataError
        Files that cannot be read, two of one name, a table that names other interviews.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> _ = (folder / "i1.txt").write_text("И.: Почему?\\nР.: Нет денег.", encoding="utf-8")
    >>> told = read_transcripts(folder)
    >>> told.speakers, told.intake[["turns", "asked", "words"]].to_numpy().tolist()
    ({'И': 'interviewer', 'Р': 'respondent'}, [[2, 1, 2]])
    """
    files, strange = _files(place)
    problems: list[Problem] = []
    spoken: dict[str, Speech] = {}
    rows: list[list[object]] = []
    read: dict[str, Lines] = {}
    for file in files:
        try:
            found = read_lines(file)
        except CsspError as error:
            problems += error.problems
            continue
        if file.stem in spoken:
            problems.append(
                Problem(
                    short_path(file),
                    f"Two transcripts are named '{file.stem}'.",
                    "Rename one, or remove it from the folder.",
                )
            )
            continue
        read[file.stem] = found
        speech = spoken[file.stem] = speech_of(found.lines, LABELS[_letters(found)])
        rows.append([file.name, file.stem, found.read_as, speech, found.left_out])
    if problems:
        raise DataError(problems)
    # a name that speaks again and again in one file is a speaker where it stands once, too
    proved = frozenset(map(key_of, known)) | {
        key_of(label) for one in spoken.values() if one.told_by == "label" for label, _ in one.turns
    }
    for row in rows:
        stem = str(row[1])
        names = LABELS[_letters(read[stem])]
        row[3] = spoken[stem] = speech_of(read[stem].lines, names, proved)
    speakers, hints = _roles(spoken.values())
    texts = pd.DataFrame(
        {"interview": list(spoken), "text": [one.text() for one in spoken.values()]}
    )
    if attributes is not None:
        texts = _with_attributes(texts, Path(attributes))
    return Transcripts(texts, speakers, _intake(rows, speakers, strange), hints)


def _files(place: str | Path | Sequence[str | Path]) -> tuple[list[Path], list[Path]]:
    """Return the files to read, and those of the folder that are no transcripts."""
    if isinstance(place, str | Path):
        folder = Path(place)
        if not folder.is_dir():
            return [folder], []
        inside = [
            path
            for path in folder.iterdir()
            if path.is_dir() or not path.name.startswith((".", "~$"))
        ]
        files = [path for path in inside if path.suffix.casefold() in READERS and path.is_file()]
        if not files:
            raise DataError(
                Problem(
                    short_path(folder),
                    f"The folder has no transcript ({', '.join(READERS)}).",
                    "Name the folder where they are; .doc and .rtf are to be saved as .docx.",
                )
            )
        files.sort(key=lambda path: natural(path.stem))
        return files, sorted(set(inside) - set(files))
    return [Path(one) for one in place], []


def _letters(found: Lines) -> str:
    letters = [letter for line in found.lines[:200] for letter in line.text if letter.isalpha()]
    russian = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    return "en" if letters and russian < 0.5 * len(letters) else "ru"


def _roles(spoken: Iterable[Speech]) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return each label's role, None where it must be asked, and what speaks for one."""
    turns: dict[str, list[str]] = {}
    guessed: set[str] = set()
    for speech in spoken:
        for label, text in speech.turns:
            turns.setdefault(label, []).append(text)
        if speech.told_by in ("bold", "dash") and not _asking(speech):
            guessed |= {label for label, _ in speech.turns}
    speakers: dict[str, str | None] = {}
    hints = {}
    for label, said in turns.items():
        role = role_of(label)
        doubted = label in guessed or _may_be_a_man(label, turns) or _may_be_initial(label, turns)
        speakers[label] = None if doubted else role
        if speakers[label] is None:
            asks = sum(text.rstrip().endswith("?") for text in said)
            likely = role or (INTERVIEWER if 2 * asks > len(said) else RESPONDENT)
            hints[label] = f"{likely}? {asks} of {len(said)} turns end with a question mark"
    if speakers and set(speakers.values()) == {RESPONDENT}:
        # questions without a label would count as the words of who spoke before
        hints = dict.fromkeys(speakers, "respondent? nobody is told to ask")
        speakers = dict.fromkeys(speakers)
    return speakers, hints


def _may_be_initial(label: str, turns: Iterable[str]) -> bool:
    """Tell whether a letter that calls an interviewer may be a person's initial.

    It may be where a whole word calls who asks, or where several numbers stand behind the letter.
    """
    letters = {one: re.sub(r"[\W\d_]+", "", one) for one in turns}
    if len(letters[label]) > 1 or role_of(label) != INTERVIEWER:
        return False
    whole = any(len(word) > 2 and role_of(word) == INTERVIEWER for word in letters.values())
    numbered = sum(
        word == letters[label] and any(map(str.isdigit, one)) for one, word in letters.items()
    )
    return whole or numbered > 1


def _may_be_a_man(label: str, turns: Iterable[str]) -> bool:
    """Tell whether М may be a man among women (Ж) and not the moderator."""
    if re.sub(r"[\W\d_]+", "", label).casefold() not in ("м", "m"):
        return False
    others = {re.sub(r"[\W\d_]+", "", one).casefold() for one in turns if one != label}
    asks = any(role_of(one) == INTERVIEWER for one in others - {"м", "m"})
    return any(sign.isdigit() for sign in label) or asks or bool(others & {"ж", "f", "w", "д"})


def _asking(speech: Speech) -> bool:
    """Return whether the questions read as questions, and the answers do not."""
    ends = {role: [0, 0] for role in (INTERVIEWER, RESPONDENT)}
    for label, text in speech.turns:
        count = ends[role_of(label) or RESPONDENT]
        count[0] += text.rstrip().endswith("?")
        count[1] += 1
    (asked, questions), (doubted, answers) = ends[INTERVIEWER], ends[RESPONDENT]
    return 2 * asked >= questions and 5 * doubted <= answers


def _intake(
    rows: list[list[object]], speakers: dict[str, str | None], strange: list[Path]
) -> pd.DataFrame:
    lines: list[list[object]] = []
    for name, interview, read_as, speech, left_out in rows:
        assert isinstance(speech, Speech)
        asked = [text for label, text in speech.turns if speakers[label] == INTERVIEWER]
        words = sum(
            len(text.split()) for label, text in speech.turns if speakers[label] != INTERVIEWER
        )
        who = ", ".join(dict.fromkeys(label for label, _ in speech.turns))
        counts = [len(speech.turns), len(asked), words, len(speech.head), speech.times]
        doubt = ", ".join(f"{label}:" for label in speech.doubtful[:10])
        lines.append([name, interview, read_as, who, speech.told_by, *counts, doubt, left_out])
    for path in strange:
        what = "a folder" if path.is_dir() else "no transcript"
        lines.append([path.name, "", "", "", "", 0, 0, 0, 0, 0, "", f"not read: {what}"])
    columns = ["file", "interview", "read_as", "speakers", "told_by", "turns", "asked", "words"]
    return pd.DataFrame(lines, columns=[*columns, "before", "times", "doubtful", "left_out"])


def _with_attributes(texts: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Join a table's rows to the interviews by name, and put them in the order it says."""
    raw = read_table(path)
    data = raw.data.fillna("").astype(str).apply(lambda column: column.str.strip())
    known = {word: name for name, words in _HEADINGS.items() for word in words.split()}
    names: dict[str, str] = {}
    for heading in map(str, data.columns):
        name = known.get(heading.strip().strip(".:").casefold())
        if name is not None and name not in names.values():
            names[heading] = name
    if "interview" not in names.values():
        names[str(data.columns[0])] = "interview"
    data = data.rename(columns=names)
    data["interview"] = _named_as(
        data["interview"], texts["interview"].tolist(), raw.rows.tolist(), path
    )
    joined = texts.merge(data, on="interview", how="left").fillna("")
    if "order" in joined:
        place = pd.to_numeric(joined["order"], errors="coerce")
        joined = joined.iloc[place.argsort(kind="stable")].drop(columns="order")
    return joined.reset_index(drop=True)


def _named_as(
    heading: pd.Series, interviews: list[str], rows: Sequence[int], path: Path
) -> list[str]:
    """Return the interview of each row: its name, or its file's, in any case."""
    by_name = {name.casefold(): name for name in interviews}
    found, problems = [], []
    for row, name in zip(rows, heading, strict=True):
        key = name.casefold()
        own = by_name.get(key) or by_name.get(key.rpartition(".")[0])
        if own is None or own in found:
            what = "is given twice" if own else f"has no transcript. {nearest(name, interviews)}"
            problems.append(
                Problem(
                    short_path(path),
                    f"The interview '{name}' {what}",
                    "Correct the name, or take the row out.",
                    int(row),
                    "interview",
                    name,
                )
            )
        found.append(own or name)
    if problems:
        raise DataError(problems)
    return found
