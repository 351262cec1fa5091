"""Who says which line of a transcript: labels, bold type, a column of a table, or dashes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from cssp.interviews.transcripts.lines import Line
from cssp.interviews.turns import INTERVIEWER, RESPONDENT

#: Words by which transcripts call who asks and who answers (without numbers, points and case).
WORDS = {
    INTERVIEWER: "интервьюер интервьюёр инт интер и в вопрос вопр модератор мод м ведущий ведущая "
    "исследователь interviewer int i q question moderator mod m researcher",
    RESPONDENT: "респондент респ р о ответ отв информант инф эксперт экс э участник участница уч "
    "respondent resp r a answer informant inf participant part p expert interviewee",
}
_ROLE = {word: role for role, words in WORDS.items() for word in words.split()}
#: A time of the recording before a line: [00:12:40], (12:40), 00:12:40.5 -
_TIME = re.compile(r"^[\[(<{]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[\])>}]?(?:\s*[-–—]+\s*|\s+|$)")
_TIMES_WITHIN = re.compile(r"\s*[\[(<{#]\d{1,2}:\d{2}(?::\d{2})?(?:[.,-]\d+)?[\])>}#]")
_NAME = r"[^\W_](?:[^:\n.?!,;]|\.(?=\s?[^\W\d_]\.|\s?[^\W\d_]*\s?\d*\s*(?::|$))){0,38}?\.?"
#: How a label may stand at the head of a line.
_FORMS = (
    re.compile(rf"^[\[(<]({_NAME})[\])>]\s*:?\s*(.*)$", re.DOTALL),
    re.compile(rf"^({_NAME})\s*:(?:\s+(.*)|)$", re.DOTALL),
)
#: Forms that only words known to call a speaker may have: "Р1 – Да", "И. Почему?", a line alone.
#: A form counts where it both asks and answers: "И. Петров" at the head of an answer is a name.
_SHORT = {
    "dash": re.compile(r"^([^\W\d_]{1,12}\.?\s?№?\s?\d{0,2})\.?\s*[–—-]+\s+(.*)$", re.DOTALL),
    "point": re.compile(r"^([^\W\d_]{1,12}\s?№?\s?\d{0,2})[.)]\s+(.*)$", re.DOTALL),
    "alone": re.compile(r"^([^\W\d_]{2,12}\.?\s?№?\s?\d{0,2})\.?$()", re.DOTALL),
}
#: Words after which a number counts questions, not people.
_NUMBERED = ("вопрос", "вопр", "ответ", "отв", "question", "answer", "q", "a")
_DASH = re.compile(r"^[–—-]\s*")


@dataclass
class Speech:
    """The turns of one transcript.

    Attributes
    ----------
    head : the lines before the first turn (title, date, place)
    turns : label and what was said, a line each paragraph
    told_by : how the speakers were told: label, table, bold, dash; empty: they could not be
    times : how many times of the recording were taken out
    """

    head: list[str] = field(default_factory=list)
    turns: list[tuple[str, str]] = field(default_factory=list)
    told_by: str = ""
    times: int = 0

    def text(self) -> str:
        """Return the text as it is kept: each turn on a line that begins with its speaker."""
        said = [f"{label}: {text}" for label, text in self.turns]
        return "\n".join([*self.head, *said]) + "\n"


def speech_of(lines: list[Line], names: dict[str, str]) -> Speech:
    """Return who says what in a transcript's lines.

    Parameters
    ----------
    lines : of one file
    names : what the bold and the plain lines, or those with and without a dash, are called:
        interviewer and respondent -> label

    Examples
    --------
    >>> told = speech_of([Line("Интервью 1"), Line("И.: Почему?"), Line("Р. 1: Нет денег."),
    ...     Line("И людей.")], {})
    >>> told.head, told.turns
    (['Интервью 1'], [('И', 'Почему?'), ('Р 1', 'Нет денег.\\nИ людей.')])
    """
    bare, times = _without_times(lines)
    found = _by_table(bare) or _by_label(bare) or _by_type(bare, names) or _by_dash(bare, names)
    speech = found or Speech(head=[line.text for line in bare if line.text])
    speech.times = times
    return speech


def role_of(label: str) -> str | None:
    """Return the role that a label says by itself, or None.

    >>> role_of("И."), role_of("Респондент 2"), role_of("Анна")
    ('interviewer', 'respondent', None)
    """
    word = re.sub(r"[\W\d_]+", "", label).casefold()
    return _ROLE.get(word) or _ROLE.get(word.replace("ё", "е"))


def _without_times(lines: list[Line]) -> tuple[list[Line], int]:
    kept, times = [], 0
    for line in lines:
        cut = _TIME.sub("", line.text)
        led = len(line.text) - len(cut)
        text, within = _TIMES_WITHIN.subn("", cut)
        cell = line.cell
        if _TIME.match(cell):
            cell, led = _TIME.sub("", cell) or " ", max(led, 1)
        times += bool(led) + within
        if text or not line.text:
            kept.append(Line(text.strip(), max(line.bold - led, 0) if text else 0, cell))
    return kept, times


def clean(label: str) -> str:
    """Return a label without the points and brackets around it.

    >>> clean("Р. 1."), clean("[Анна П.]")
    ('Р 1', 'Анна П')
    """
    bare = re.sub(r"\s+", " ", label.strip(" \t\u00a0.:[](){}<>*_–—-"))
    return re.sub(r"^([^\W\d_]+)\.\s?(?=\d)", r"\1 ", bare)


def _gather(marked: list[tuple[str, str]], told_by: str) -> Speech:
    """Return turns from lines with their labels; without one a line goes on with the turn."""
    speech = Speech(told_by=told_by)
    spelled: dict[str, str] = {}
    for label, text in marked:
        if label:
            speech.turns.append((spelled.setdefault(_key(label), label), text))
        elif speech.turns and text:
            who, said = speech.turns[-1]
            speech.turns[-1] = (who, f"{said}\n{text}" if said else text)
        elif text:
            speech.head.append(text)
    speech.turns = [(who, said) for who, said in speech.turns if said]
    return speech


def _by_table(lines: list[Line]) -> Speech | None:
    if sum(bool(line.cell) for line in lines) < 2:
        return None
    return _gather([(clean(line.cell), line.text) for line in lines], "table")


def _by_label(lines: list[Line]) -> Speech | None:
    """Tell speakers by labels that the file uses again and again, or that name a role."""
    candidates = [_labels_of(line) for line in lines]
    every = [one for found in candidates for one in found]
    counts = Counter(_key(label) for label, _, _ in every)
    sure = {role_of(label) for label, _, form in every if not form}
    roles = {
        form: {role_of(label) for label, _, one in every if one == form}
        | (sure if form == "dash" else set())
        for form in _SHORT
    }

    def taken(label: str, form: str) -> bool:
        if form:  # a whole word need not prove that its form both asks and answers
            return {INTERVIEWER, RESPONDENT} <= roles[form] | (
                sure if len(_key(label)) > 2 else set()
            )
        if role_of(label) is not None:
            return True
        return counts[_key(label)] >= 2 and len(label.split()) <= 4 and not label[0].islower()

    marked = []
    for line, found in zip(lines, candidates, strict=True):
        own = next((one for one in found if taken(one[0], one[2])), None)
        marked.append(("", line.text) if own is None else _counted(own[0], own[1]))
    if len({label for label, _ in marked if label}) < 2:
        return None
    return _gather(marked, "label")


def _key(label: str) -> str:
    return re.sub(r"[\W_]+", "", label).casefold()


def _counted(label: str, text: str) -> tuple[str, str]:
    """Return "Question 3" as a question with its number: it counts questions, not people."""
    match = re.match(r"^([^\W\d_]+)\W*(\d+)$", label)
    if match is None or match[1].casefold() not in _NUMBERED:
        return label, text
    asks = role_of(match[1]) == INTERVIEWER
    return match[1], f"{match[2]}. {text}" if asks else text


def _labels_of(line: Line) -> list[tuple[str, str, str]]:
    """Return what may be a label at the head of a line, likeliest first.

    With the rest of the line, and the form that has to be proved.
    """
    found = []
    if 0 < line.bold < len(line.text):
        label = clean(line.text[: line.bold])
        rest = line.text[line.bold :].lstrip(" \t\u00a0:.–—-")
        if label and len(label) <= 40 and not re.search(r"[?!,]", label):
            found.append((label, rest, ""))
    for form, short in _SHORT.items():
        if (match := short.match(line.text)) and role_of(match[1]) is not None:
            found.append((clean(match[1]), match[2].strip(), form))
    for whole in _FORMS:
        if (match := whole.match(line.text)) and (label := clean(match[1])):
            # a name that says a role is surer than a short form, any other is not
            place = 0 if role_of(label) is not None else len(found)
            found.insert(place, (label, (match[2] or "").strip(), ""))
    return found


def _by_type(lines: list[Line], names: dict[str, str]) -> Speech | None:
    """Tell the questions by their bold type."""
    bold = [bool(line.text) and line.bold >= 0.9 * len(line.text) for line in lines]
    said = [line for line in lines if line.text]
    if sum(bold) < 2 or sum(bold) > len(said) - 2:
        return None
    return _gather(_alternating(lines, bold, names), "bold")


def _by_dash(lines: list[Line], names: dict[str, str]) -> Speech | None:
    """Tell the questions by the dash at their head, where the answers have none."""
    dash = [bool(_DASH.match(line.text)) for line in lines]
    said = [line for line in lines if line.text]
    if sum(dash) < 2 or sum(dash) > len(said) - 2:
        return None
    bare = [Line(_DASH.sub("", line.text), line.bold) for line in lines]
    return _gather(_alternating(bare, dash, names), "dash")


def _alternating(
    lines: list[Line], asks: list[bool], names: dict[str, str]
) -> list[tuple[str, str]]:
    """Label the first line of each run of questions and of answers."""
    marked: list[tuple[str, str]] = []
    last: bool | None = None
    for line, asked in zip(lines, asks, strict=True):
        if not line.text or (last is None and not asked):
            marked.append(("", line.text))
            continue
        new = asked is not last
        marked.append((names[INTERVIEWER if asked else RESPONDENT] if new else "", line.text))
        last = asked
    return marked
