"""Options joined in one cell: with which sign, and which options there are."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pandas as pd

from cssp.tables.raw import fold

#: Signs between options, in the order in which they are tried.
SEPARATORS = (";", "|", "\n", "/ ", ", ", "/", ",")
#: Words that stand for a blank cell.
BLANKS = frozenset({"na", "n/a", "#n/a", "nan", "null", ".", "-"})


def joined_options(
    column: pd.Series, first: tuple[str, ...]
) -> tuple[str, list[str], list[str]] | None:
    """Return the separator.

    The options and the answers seen once of a column that holds several at a time; None where it
    does not.

    A separator is believed where its parts recombine: several parts occur in different cells with
    different others, and the parts are fewer
    than the cells' different texts.
    """
    texts = [
        str(value).replace("\ufeff", "").strip()
        for value in column.dropna()
        if fold(value) and fold(value) not in BLANKS
    ]
    whole = len(set(texts))
    decimals = any(re.fullmatch(r"-?\d+([.,]\d+)?", text) for text in texts) and not any(
        re.fullmatch(r"\d+(,\d+){2,}", text) for text in texts
    )
    for separator in (*first, *SEPARATORS):
        sign = separator.strip() or separator
        if decimals and sign == ",":
            continue  # a decimal comma
        if sum(separator in text for text in texts) < max(3, 0.05 * len(texts)):
            continue
        if separator == " " and not all(re.fullmatch(r"[\w-]+( [\w-]+)*", text) for text in texts):
            continue  # only names of options, as KoboToolbox writes them, are joined by spaces
        parts = [_parts(text, separator) for text in texts]
        counts = Counter(part for row in parts for part in set(row))
        common = [part for part, count in counts.most_common() if count >= 2]
        company: dict[str, set[tuple[str, ...]]] = {}
        for row in parts:
            for part in row:
                company.setdefault(part, set()).add(tuple(sorted(set(row) - {part})))
        recombined = sum(len(company[part]) > 1 for part in common)
        covered = sum(counts[part] for part in common) / max(sum(counts.values()), 1)
        if (
            2 <= len(common) <= 30
            and len(common) < whole
            and covered >= 0.7
            and recombined >= max(2, 0.5 * len(common))
        ):
            glued = _glued(parts, counts, separator, set(common))
            return sign, glued, [part for part, count in counts.items() if count == 1][:20]
    return None


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _glued(
    parts: list[list[str]], counts: Counter[str], separator: str, common: set[str]
) -> list[str]:
    """Join parts that never occur without each other: a label that contains the separator."""
    follows: Counter[tuple[str, str]] = Counter()
    for row in parts:
        follows.update({(a, b) for a, b in pairwise(row)})
    after = {
        a: b
        for (a, b), count in follows.items()
        if count == counts[a] == counts[b] and a in common and b in common
    }
    inner = set(after.values())
    labels = []
    for part in sorted(common, key=lambda one: -counts[one]):
        if part in inner:
            continue
        label = part
        while part in after:
            part = after[part]
            label = f"{label}{separator}{part}"
        labels.append(label)
    return labels
