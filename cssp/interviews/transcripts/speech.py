"""The turns of a transcript, and how labels of speakers are known again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LOOK_ALIKE = str.maketrans("aeopcyxkmtbh", "аеорсухкмтвн")


@dataclass
class Speech:
    """The turns of one transcript.

    Attributes
    ----------
    head : the lines before the first turn (title, date, place)
    turns : label and what was said, a line each paragraph
    told_by : how the speakers were told: label, table, bold, dash; empty: they could not be
    times : how many times of the recording were taken out
    doubtful : what looks like a label once and was kept as text
    """

    head: list[str] = field(default_factory=list)
    turns: list[tuple[str, str]] = field(default_factory=list)
    told_by: str = ""
    times: int = 0
    doubtful: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the text as it is kept: each turn on a line that begins with its speaker."""
        said = [f"{label}: {text}" for label, text in self.turns]
        return "\n".join([*self.head, *said]) + "\n"


def clean(label: str) -> str:
    """Return a label without the points and brackets around it.

    >>> clean("Р. 1."), clean("[Анна П.]")
    ('Р 1', 'Анна П')
    """
    bare = re.sub(r"\s+", " ", label.strip(" \t\u00a0.:[](){}<>*_–—-"))
    return re.sub(r"^([^\W\d_]+)\.\s?(?=\d)", r"\1 ", bare)


def gather(marked: list[tuple[str, str]], told_by: str) -> Speech:
    """Return turns from lines with their labels; without one a line goes on with the turn."""
    speech = Speech(told_by=told_by)
    spelled: dict[str, str] = {}
    for label, text in marked:
        if label:
            speech.turns.append((spelled.setdefault(key_of(label), label), text))
        elif speech.turns and text:
            who, said = speech.turns[-1]
            speech.turns[-1] = (who, f"{said}\n{text}" if said else text)
        elif text:
            speech.head.append(text)
    speech.turns = [(who, said) for who, said in speech.turns if said]
    return speech


def key_of(label: str) -> str:
    """Return what a label is known by: its letters and digits, look-alikes of Russian ones as such.

    >>> key_of("Р 1.") == key_of("P1")
    True
    """
    return re.sub(r"[\W_]+", "", label).casefold().translate(_LOOK_ALIKE)
