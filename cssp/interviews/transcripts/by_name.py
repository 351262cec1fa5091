"""Speakers whose labels say no role: names before a dash or a tab, or alone in bold."""

from __future__ import annotations

import re
from collections import Counter

from cssp.interviews.transcripts.lines import Line
from cssp.interviews.transcripts.speech import Speech, clean, gather, key_of


def by_name(lines: list[Line]) -> Speech | None:
    """Tell speakers by names that say no role: before a dash or a tab, or alone in bold.

    They are names of speakers where a few of them, over and over, stand at most of the turns.
    """
    said = [line for line in lines if line.text]
    for form, least in ((_before_tab, 0.5), (_before_dash, 0.5), (_alone_in_bold, 0.2)):
        parts = [form(line) for line in lines]
        counts = Counter(key_of(label) for label, _ in parts if label)
        known = {key for key, count in counts.items() if count > 1}
        marked = [
            (label, text) if label and key_of(label) in known else ("", line.text)
            for (label, text), line in zip(parts, lines, strict=True)
        ]
        own = sum(bool(label) for label, _ in marked)
        few = 2 <= len(known) <= max(2, own // 2)
        if few and own >= least * len(said) and own >= 0.8 * sum(counts.values()):
            speech = gather(marked, "label")
            speech.doubtful = list(
                dict.fromkeys(label for label, _ in parts if label and key_of(label) not in known)
            )
            return speech
    return None


def _is_name(text: str) -> bool:
    """Tell whether a text may be a speaker's name: a few words, the first with a capital."""
    return bool(re.fullmatch(r"[^\W\d_][^:?!;,\n]{0,38}", text)) and (
        text[0].isupper() and len(text.split()) <= 4
    )


def _before_tab(line: Line) -> tuple[str, str]:
    label = clean(line.before)
    return (label, line.text[len(line.before) :].lstrip(" :.")) if _is_name(label) else ("", "")


def _before_dash(line: Line) -> tuple[str, str]:
    label, dash, text = line.text.partition(" – ") if " – " in line.text else ("", "", "")
    for sign in (" — ", " - "):
        if not dash and sign in line.text:
            label, dash, text = line.text.partition(sign)
    return (clean(label), text.strip()) if dash and _is_name(clean(label)) else ("", "")


def _alone_in_bold(line: Line) -> tuple[str, str]:
    bold = line.text and line.bold >= len(line.text) - 1 and not re.search(r"[.?!…]$", line.text)
    return (clean(line.text), "") if bold and _is_name(clean(line.text)) else ("", "")
