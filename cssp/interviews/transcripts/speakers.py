"""Who says which line of a transcript: labels, bold type, a column of a table, or dashes."""

from __future__ import annotations

import re
from collections import Counter

from cssp.interviews.transcripts.by_name import by_name
from cssp.interviews.transcripts.lines import Line
from cssp.interviews.transcripts.speech import Speech, clean, gather, key_of
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
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,-]\d+)?"
_TIME = re.compile(rf"^[\[(<{{]?{_CLOCK}(?:\s*-->\s*{_CLOCK})?[\])>}}]?(?:\s*[-–—]+\s*|\s+|$)")
_TIME_BEHIND = re.compile(rf"^(?P<name>[^\W\d_][^:]{{0,35}}?)\s+[\[(]?{_CLOCK}[\])]?$")
_TIMES_WITHIN = re.compile(rf"\s*[\[(<{{#]{_CLOCK}[\])>}}#]")
#: So many lines, and this share of all, begin with a time where times are of the recording; fewer
#: are said: "6:30 - подъём".
_TIMED, _TIMED_SHARE = 3, 0.2
_NAME = r"[^\W_](?:[^:\n.?!,;]|\.(?=\s?[^\W\d_]\.|\s?[^\W\d_]*\s?\d*\s*(?::|$))){0,38}?\.?"
#: How a label may stand at the head of a line.
_FORMS = (
    re.compile(rf"^[\[(<]({_NAME})[\])>]\s*:?\s*(.+)$", re.DOTALL),
    re.compile(rf"^({_NAME})\s*:(?:\s+(.*)|)$", re.DOTALL),
    re.compile(rf"^({_NAME})\s*:(?=\D)(.*)$", re.DOTALL),
)
#: A label with a remark: "Р1 (смеётся): Да"; and of several at once: "Р1, Р2: Да".
_REMARK = re.compile(rf"^({_NAME})\s*(\([^)\n]{{1,60}}\))\s*:\s*(.*)$", re.DOTALL)
_SEVERAL = re.compile(r"^([^\W_][^:\n]{1,40}?)\s*:\s*(.*)$", re.DOTALL)
#: Forms that only words known to call a speaker may have: "Р1 – Да", "И. Почему?", a line alone.
#: A form counts where it both asks and answers: "И. Петров" at the head of an answer is a name.
_SHORT = {
    "dash": re.compile(r"^([^\W\d_]{1,12}\.?\s?№?\s?\d{0,2})\.?\s*[–—-]+\s+(.*)$", re.DOTALL),
    "point": re.compile(r"^([^\W\d_]{1,12}\s?№?\s?\d{0,2})\.\s+(.*)$", re.DOTALL),
    "alone": re.compile(r"^([^\W\d_]{2,12}\.?\s?№?\s?\d{0,2})\.?$()", re.DOTALL),
}
#: Words after which a number counts questions, not people.
_NUMBERED = ("вопрос", "вопр", "ответ", "отв", "question", "answer", "q", "a")
_DASH = re.compile(r"^[–—-]\s*")


def speech_of(
    lines: list[Line], names: dict[str, str], proved: frozenset[str] = frozenset()
) -> Speech:
    """Return who says what in a transcript's lines.

    Parameters
    ----------
    lines : of one file
    names : what the bold and the plain lines, or those with and without a dash, are called:
        interviewer and respondent -> label
    proved : labels (see `key_of`) that other files of the study have, or somebody has named

    Examples
    --------
    >>> told = speech_of([Line("Интервью 1"), Line("И.: Почему?"), Line("Р. 1: Нет денег."),
    ...     Line("И людей.")], {})
    >>> told.head, told.turns
    (['Интервью 1'], [('И', 'Почему?'), ('Р 1', 'Нет денег.\\nИ людей.')])
    """
    bare, times = _without_times(lines)
    found = (
        _by_table(bare)
        or _by_label(_flat(bare), proved)
        or by_name(_flat(bare))
        or _by_type(_flat(bare), names)
        or _by_dash(_flat(bare), names)
    )
    bare = _flat(bare)
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
    """Take times of the recording out, where enough lines have them to be no times of day."""
    said = [line for line in lines if line.text]
    needed = max(_TIMED, _TIMED_SHARE * len(said))
    begin = sum(bool(_TIME.match(line.text)) for line in said) >= needed
    behind = sum(bool(_TIME_BEHIND.match(line.text)) for line in said) >= needed
    inside = sum(bool(_TIMES_WITHIN.search(line.text)) for line in said) >= needed
    kept: list[Line] = []
    times = 0
    for line in lines:
        if line.row:
            cells = ["" if _TIME.fullmatch(f"{cell} ") else cell for cell in line.row]
            times += sum(one != other for one, other in zip(cells, line.row, strict=True))
            kept.append(Line(" ".join(filter(None, cells)), 0, tuple(cells)))
            continue
        bracketed = line.text[:1] in "[(<{" or "-->" in line.text
        text = line.text
        if begin or (bracketed and text.count(":") > 1):
            text = _TIME.sub("", text)
        if behind and (match := _TIME_BEHIND.match(text)):
            text = f"{match['name']}:"  # Speaker 1  0:03
        led = len(line.text) - len(text) if line.text.endswith(text) else 0
        if "-->" in line.text and kept and kept[-1].text.isdigit():
            kept.pop()  # the number of a subtitle
        within = 0
        if inside:
            text, within = _TIMES_WITHIN.subn("", text)
        times += (text != line.text and not within) + within
        if text or not line.text:
            bold = max(line.bold - led, 0) if text else 0
            kept.append(Line(text.strip(), bold, before="" if led else line.before))
    return kept, times


def _flat(lines: list[Line]) -> list[Line]:
    """Return lines with each row of a table as one, its cells side by side."""
    return [Line(" ".join(filter(None, line.row))) if line.row else line for line in lines]


def _by_table(lines: list[Line]) -> Speech | None:
    """Tell speakers by a table of the whole talk: what was said has most words, who few values.

    A small table within a transcript is text like any other. What the remaining cells hold goes
    with what was said.
    """
    rows = [line.row for line in lines if line.row]
    words = sum(len(line.text.split()) for line in lines)
    if len(rows) < 2 or 2 * sum(len(" ".join(row).split()) for row in rows) < words:
        return None
    width = max(map(len, rows))
    columns = [[row[n] if n < len(row) else "" for row in rows] for n in range(width)]
    said = max(range(width), key=lambda n: len(" ".join(columns[n]).split()))
    counts = [Counter(key_of(cell) for cell in column if cell) for column in columns]
    able = [
        n for n in range(width)
        if n != said and counts[n] and max(map(len, columns[n])) <= 40
        and (any(role_of(cell) for cell in columns[n]) or max(counts[n].values()) > 1)
    ]  # fmt: skip
    if not able:
        return None
    who = min(able, key=lambda n: (not any(role_of(cell) for cell in columns[n]), len(counts[n])))
    marked: list[tuple[str, str]] = []
    for line in lines:
        if not line.row:
            marked.append(("", line.text))
            continue
        cells = [*line.row, *[""] * (width - len(line.row))]
        label, others = (
            clean(cells[who]),
            [c for n, c in enumerate(cells) if n not in (who, said) and c],
        )
        text = "\n".join(filter(None, [cells[said], *(f"[{other}]" for other in others)]))
        if label and role_of(label) is None and counts[who][key_of(label)] < 2 and not marked:
            marked.append(("", " ".join(filter(None, cells))))  # the head of the table
        else:
            marked.append((label, text))
    return gather(marked, "table")


def _by_label(lines: list[Line], proved: frozenset[str]) -> Speech | None:
    """Tell speakers by labels that the file uses again and again, or that name a role."""
    candidates = [_labels_of(line) for line in lines]
    every = [one for found in candidates for one in found]
    counts = Counter(key_of(label) for label, _, _ in every)
    sure = {role_of(label) for label, _, form in every if not form}
    known = {key_of(label) for label, _, form in every if not form and role_of(label)}
    roles = {
        form: {role_of(label) for label, _, one in every if one == form}
        | (sure if form == "dash" else set())
        for form in _SHORT
    }

    def taken(label: str, text: str, form: str) -> bool:
        if form and {INTERVIEWER, RESPONDENT} <= sure:
            # colons tell the speakers here; "И — самое важное" is a sentence
            return form == "dash" and key_of(label) in known and not text[:1].islower()
        if form:  # a whole word need not prove that its form both asks and answers
            whole = sure if len(key_of(label)) > 2 else set()
            return {INTERVIEWER, RESPONDENT} <= roles[form] | whole
        if role_of(label) is not None or key_of(label) in proved or _of_several(label):
            return True
        return counts[key_of(label)] >= 2 and len(label.split()) <= 4 and not label[0].islower()

    doubtful = [
        label
        for label, text, form in every
        if not form
        and not taken(label, text, form)
        and label[0].isupper()
        and len(label.split()) <= 3
    ]
    marked = []
    for line, found in zip(lines, candidates, strict=True):
        own = next((one for one in found if taken(*one)), None)
        marked.append(("", line.text) if own is None else _counted(own[0], own[1]))
    if len({label for label, _ in marked if label}) < 2:
        return None
    speech = gather(marked, "label")
    speech.doubtful = list(dict.fromkeys(doubtful))
    return speech


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
        head, rest = line.text[: line.bold].rstrip(), line.text[line.bold :].lstrip()
        label = clean(head)
        marked = re.match(r"[:.–—-]", rest) or head.endswith((":", "."))
        if label and marked and len(label) <= 40 and not re.search(r"[?!,]", label):
            found.append((label, re.sub(r"^[:.–—-]\s*", "", rest, count=1), ""))
    for form, short in _SHORT.items():
        match = short.match(line.text)
        if match and role_of(match[1]) is not None and match[1][0].isupper():
            found.append((clean(match[1]), match[2].strip(), form))
    if (match := _REMARK.match(line.text)) and clean(match[1]):
        found.append((clean(match[1]), f"{match[2]} {match[3]}".strip(), ""))
    if (match := _SEVERAL.match(line.text)) and _of_several(match[1]):
        found.append((match[1].strip(), match[2].strip(), ""))
    for whole in _FORMS:
        if (match := whole.match(line.text)) and (label := clean(match[1])):
            if whole is _FORMS[2] and role_of(label) is None:
                continue  # "12:30" and "так:вот" are no labels
            # a name that says a role is surer than a short form, any other is not
            place = 0 if role_of(label) is not None else len(found)
            found.insert(place, (label, (match[2] or "").strip(), ""))
    return found


def _of_several(label: str) -> bool:
    """Tell whether a label names several speakers of one role: "Р1, Р2", "Р1 и Р2"."""
    parts = re.split(r"\s*(?:[,/+&]|\bи\b|\band\b)\s*", label.strip())
    roles = {role_of(part) for part in parts}
    return len(parts) > 1 and len(roles) == 1 and None not in roles


def _by_type(lines: list[Line], names: dict[str, str]) -> Speech | None:
    """Tell the questions by their bold type."""
    bold = [bool(line.text) and line.bold >= 0.9 * len(line.text) for line in lines]
    said = [line for line in lines if line.text]
    if sum(bold) < 2 or sum(bold) > len(said) - 2:
        return None
    return gather(_alternating(lines, bold, names), "bold")


def _by_dash(lines: list[Line], names: dict[str, str]) -> Speech | None:
    """Tell the questions by the dash at their head, where the answers have none."""
    signs = Counter(line.text[0] for line in lines if _DASH.match(line.text))
    sign = signs.most_common(1)[0][0] if signs else "—"
    # the others are lists: "- дороги"
    dash = [line.text.startswith(sign) for line in lines]
    said = [line for line in lines if line.text]
    if sum(dash) < 2 or sum(dash) > len(said) - 2:
        return None
    bare = [
        Line(_DASH.sub("", line.text) if own else line.text, line.bold)
        for line, own in zip(lines, dash, strict=True)
    ]
    return gather(_alternating(bare, dash, names), "dash")


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
