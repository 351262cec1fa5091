"""Why a comparison lacks a value, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.survey.ranks import Pairs

#: Notes stand for reasons; `show` translates them.
NOTE_EMPTY = "a group without answers"


NOTE_ABSENT = "a group that is not in the table: not asked, or too small to be shown"


NOTE_ONE_CATEGORY = "all answers alike"


NOTE_SEPARATED = "groups do not overlap: no interval"


NOTE_ONE_ANSWER = "a group with one answer: no interval"


NOTE_UNORDERED = "answers without order: ranks not compared"


NOTE_FEW = "a group of fewer than 5 answers: the interval is rough"

#: With fewer answers in a group, the interval of the effect covers less than it says.
FEW = 5


class Notes:
    """Collects a note's parts for each row, and writes each different text once."""

    def __init__(self, size: int) -> None:
        self.code = np.zeros(size, dtype=np.int64)
        self.known: list[tuple[str, ...]] = [()]

    def base(self, pairs: Pairs, there: np.ndarray, ordered: bool) -> None:
        """Note why the ranks of a block cannot be compared, or are doubtful."""
        one = np.minimum(pairs.n_a, pairs.n_b)
        with np.errstate(invalid="ignore"):
            apart = np.abs(pairs.effect) == 1
        untested = ~there | pairs.empty
        self.add(untested, NOTE_EMPTY, there)
        if not ordered:
            self.add(~untested, NOTE_UNORDERED)
            return
        self.add(~untested & pairs.alike, NOTE_ONE_CATEGORY)
        self.add(~untested & ~pairs.alike & apart, NOTE_SEPARATED)
        self.add(~untested & ~pairs.alike & ~apart & (one == 1), NOTE_ONE_ANSWER)
        self.add(~untested & ~pairs.alike & ~apart & (one > 1) & (one < FEW), NOTE_FEW)

    def add(self, rows: np.ndarray, text: str, there: np.ndarray | None = None) -> None:
        """Add a text to rows.

        With `there`, rows whose groups are not in the table get the note on that instead.
        """
        if there is not None:
            self.add(rows & ~there, NOTE_ABSENT)
            rows = rows & there
        if not rows.any():
            return
        for code in np.unique(self.code[rows]):
            texts = (*self.known[code], text)
            if texts not in self.known:
                self.known.append(texts)
            self.code[rows & (self.code == code)] = self.known.index(texts)

    def texts(self) -> pd.Index:
        """Return the notes of all rows, several joined by semicolons."""
        return pd.Index(["; ".join(notes) for notes in self.known]).take(self.code)
