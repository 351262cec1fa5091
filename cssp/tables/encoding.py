"""Which encoding a text file is in, told by its letters."""

from __future__ import annotations

import codecs
import re
from functools import cache
from itertools import pairwise

from cssp.study.problems import DataError, Problem

#: Single-byte encodings that are tried, the usual ones first: of two that read a file alike the
#: first is said.
TRIED = (
    "windows-1251",
    "windows-1252",
    "koi8-r",
    "cp866",
    "mac-cyrillic",
    "windows-1250",
    "mac-roman",
)
#: Letters of Russian from the most frequent to the rarest; ё, then those of its neighbours.
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_NEIGHBOURS = "іїєґўј"
#: Letters with marks that Western and Central European languages use, by and large by frequency.
_LATIN = "éäöüáíóèàçñãêßłąężśćńźôâîïëòùúåøæœőűőčšžřěýůďťňğışâțșî"
_SIGNS = "«»„“”‘’–—…№§°€\u00a0•·"
#: Encodings that files of today are seldom in: they must be so much likelier.
_SELDOM = {"mac-cyrillic": 3.0, "mac-roman": 3.0, "windows-1250": 3.0, "koi8-r": 1.0, "cp866": 1.0}
#: So much likelier the best reading must be (a logarithm); below it the encoding is asked for.
CLEAR = 2.5
#: So many signs of a file are looked at.
LOOKED = 400_000


def decode(raw: bytes, shown: str, fixed: str | None) -> tuple[str, str]:
    """Return the text and the encoding it was read in.

    By what cannot be mistaken first: a byte-order mark, UTF-16 without a mark (every other byte is
    00 or 04), valid UTF-8; then the single-byte encoding whose letters make the likeliest words.

    Parameters
    ----------
    raw : the file's bytes
    shown : the file's name, for messages
    fixed : the encoding that `city.yaml` names; None: it is told by the text

    Raises
    ------
    DataError
        The named encoding is unknown or is not the file's, or two encodings fit equally well.
    """
    if fixed is not None:
        return _as_named(raw, shown, fixed), fixed
    if raw.startswith(codecs.BOM_UTF8):
        tries = ["utf-8-sig"]
    elif raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ["utf-16"]
    elif b"\x00" in raw[:4000]:
        tries = [
            "utf-16-le" if _high_bytes(raw[1:4000:2]) >= _high_bytes(raw[0:4000:2]) else "utf-16-be"
        ]
    else:
        tries = ["utf-8"]
    for encoding in tries:
        try:
            return raw.decode(encoding).removeprefix("\ufeff"), encoding
        except (UnicodeDecodeError, UnicodeError):
            continue
    return _likeliest(raw, shown)


def _as_named(raw: bytes, shown: str, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise DataError(
            Problem(
                shown,
                f"The encoding '{encoding}' is not known.",
                "Write utf-8, utf-16 or windows-1251.",
            )
        ) from None
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, UnicodeError):
        raise DataError(
            Problem(
                shown,
                f"The file is not in the encoding {encoding}.",
                "Save it as UTF-8, or name its encoding under 'format' in city.yaml.",
            )
        ) from None


def _likeliest(raw: bytes, shown: str) -> tuple[str, str]:
    readings: dict[str, tuple[float, str]] = {}
    for encoding in TRIED:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text not in (other for _, other in readings.values()):
            readings[encoding] = (likelihood(text) - _SELDOM.get(encoding, 0.0), text)
    best, *others = sorted(readings, key=lambda name: -readings[name][0])
    if readings[best][0] < -6 * sum(ord(sign) > 127 for sign in readings[best][1][:LOOKED]) or (
        others and readings[best][0] - readings[others[0]][0] < CLEAR
    ):
        samples = ", ".join(
            f"{name}: '{_sample(readings[name][1])}'" for name in [best, *others[:2]]
        )
        raise DataError(
            Problem(
                shown,
                f"The file's encoding was not recognised ({samples}).",
                "Save it as UTF-8, or name its encoding: 'format: encoding' in city.yaml, "
                "--encoding on the command line.",
            )
        )
    return readings[best][1], best


def _sample(text: str) -> str:
    """Return the first word with a letter beyond ASCII."""
    found = re.search(r"\w*[^\W\d_a-zA-Z]\w*", text)
    return found[0][:20] if found else ""


@cache
def _of_letter(letter: str) -> float:
    """Return how likely a sign beyond ASCII is, as a logarithm."""
    small = letter.lower()
    for letters, start in ((_RUSSIAN, -2.2), (_NEIGHBOURS, -6.0), (_LATIN, -3.0)):
        if small in letters:
            value = start - 3.5 * letters.index(small) / len(letters)
            return value - (0.0 if letter == small else 1.5)
    if letter in _SIGNS:
        return -4.0
    return -11.0


def likelihood(text: str) -> float:
    """Return how likely a text's signs beyond ASCII are (a sum of logarithms): for comparison only.

    Letters count by how often they occur; a word of two alphabets, or with a capital after a small
    letter, is hardly one.

    >>> likelihood("Café") > likelihood("Cafй")
    True
    """
    total = 0.0
    for word in re.findall(r"\w+|[^\w\s]|\u00a0", text[:LOOKED]):
        beyond = [sign for sign in word if ord(sign) > 127]
        if not beyond:
            continue
        total += sum(map(_of_letter, beyond))
        cyrillic = any("\u0400" <= sign <= "\u04ff" for sign in word)
        latin = any(sign.isalpha() and not "\u0400" <= sign <= "\u04ff" for sign in word)
        if cyrillic and latin:
            total -= 7.0
        if latin and len(beyond) > 2 and len(beyond) > 0.5 * len(word):
            total -= 2.0 * len(beyond)  # no language has so many marks in a word
        total -= 7.0 * sum(a.islower() and b.isupper() for a, b in pairwise(word))
    # these do not touch a word: "№berhaupt", "—овет"
    total -= 6.0 * len(
        re.findall(
            r"[№§€•·–—](?=[^\W\d])|[‘’“](?=[\u0400-\u04ff])|(?<=[^\W\d])[№§€•°„«]", text[:LOOKED]
        )
    )
    return total


def _high_bytes(half: bytes) -> float:
    """Return the share of bytes that are the high byte of a letter in UTF-16 (00 or 04)."""
    return (half.count(0) + half.count(4)) / max(len(half), 1)


def mended(text: str) -> str | None:
    """Return the encoding in which texts read as Western were written; None where they are right.

    SPSS files of old Russian versions do not say their encoding, and are read as windows-1252.

    >>> mended("Âëàñòü"), mended("Café")
    ('windows-1251', None)
    """
    try:
        raw = text.encode("windows-1252")
    except UnicodeEncodeError:
        return None
    own = likelihood(text)
    for encoding in ("windows-1251", "koi8-r", "cp866"):
        try:
            if likelihood(raw.decode(encoding)) > own + 2 * CLEAR:
                return encoding
        except UnicodeDecodeError:
            continue
    return None
