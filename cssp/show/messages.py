"""What the package says to whoever uses it, in another language than English.

The code says everything in English, in one place each: problems, refusals, what a command has done.
Before a person reads it, a message is found again among the templates of `locale/messages/CODE.po`
and written by the template of that language, its values filled in. So an exception keeps one
wording for programs and logs, and no sentence of the code needs a key. A message that no template
fits stays English.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from string import Formatter

#: Settings that a file is read with, the longer names first.
READ_AS = (
    "delimiter found by",
    "sheet found by",
    "layout found by",
    "rows above the headings",
    "heading rows",
    "comment lines",
    "format",
    "encoding",
    "delimiter",
    "decimal",
    "sheet",
    "layout",
)
#: Words that stand before a message as its kind; whatever else stands there is a place.
_BEFORE = ("warning", "note", "due")
#: Letters that a template has beside its values, at least: fewer would fit anything.
LEAST = 3
_PLACE = re.compile(r"(?s)(\S.*?)(?:, (row|line) (\d+))?(?:, (column|key) (.+?))?: (.+)")
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-ZА-ЯЁ'\"`«{\d])")


class _Template:
    """A message with `{names}` where values stand, and how another language says it."""

    def __init__(self, english: str, other: str) -> None:
        self.other = other
        self.parts = [(literal, name) for literal, name, _, _ in Formatter().parse(english)]
        self.head = self.parts[0][0]
        after = [literal for literal, _ in self.parts[1:]] + [""]
        #: values in quotes are data: names of files, columns, labels
        self.quoted = {
            name
            for (literal, name), behind in zip(self.parts, after, strict=True)
            if name is not None and literal.endswith("'") and behind.startswith("'")
        }
        self.letters = sum(map(str.isalpha, "".join(literal for literal, _ in self.parts)))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        seen: set[str] = set()
        text = ""
        for literal, name in self.parts:
            text += re.escape(literal)
            if name is not None:
                value = r"[\d\s.,]*" if re.match("(?:count|len)_*$", name) else ".*?"
                text += f"(?P={name})" if name in seen else f"(?P<{name}>{value})"
                seen.add(name)
        return re.compile(text, re.DOTALL)


class Messages:
    """Messages in one language.

    Parameters
    ----------
    language : the language; English, and one without `locale/messages/CODE.po`, changes nothing

    Examples
    --------
    >>> Messages("ru")("Did you mean 'q1'?")
    'Имелось в виду «q1»?'
    >>> Messages("en")("Did you mean 'q1'?")
    "Did you mean 'q1'?"
    """

    def __init__(self, language: str) -> None:
        self.language = language

    @property
    def words(self) -> dict[str, str]:
        """The messages without values, and words of tables."""
        return _words(self.language)

    def __call__(self, text: str) -> str:
        """Say a message, a line at a time; what no template fits stays as it is."""
        if _catalogue(self.language) is None:
            return text
        return "\n".join(map(self._line, text.split("\n")))

    def reading(self, text: str) -> str:
        """Say how a file was read: settings, each with its value (see `RawTable.read_as`).

        >>> Messages("ru").reading("format CSV, encoding utf-8, delimiter semicolon")
        'формат: CSV, кодировка: utf-8, разделитель: точка с запятой'
        """
        if _catalogue(self.language) is None:
            return text
        parts = re.split(rf", (?=(?:{'|'.join(READ_AS)}) )", text)
        return ", ".join(map(self._setting, parts))

    def _setting(self, text: str) -> str:
        name = next((name for name in READ_AS if text.startswith(f"{name} ")), "")
        value = text.removeprefix(name).strip()
        told = self.words.get(value) or self._said(value) or value
        return f"{self.words.get(name, name)}: {told}" if name else told

    def _line(self, line: str) -> str:
        text = line.strip()
        said = self._said(text)
        return line if not text or said is None else line.replace(text, said, 1)

    def _said(self, text: str) -> str | None:
        if text.startswith("TODO: ") and (asked := self._said(text.removeprefix("TODO: "))):
            return f"TODO: {asked}"
        place = _PLACE.fullmatch(text)
        if place is not None and re.fullmatch(r"\S*[./]\S*", place[1]):
            return self._after_place(text) or self._whole(text)  # a file's name is no message
        return (
            self._whole(text)
            or self._sentences(text, every=True)
            or self._after_place(text)
            or self._sentences(text)
            or self._listed(text)
            or _fitting(self.language, text, strict=False)
        )

    def _whole(self, text: str) -> str | None:
        return _fitting(self.language, text)

    def _sentences(self, text: str, every: bool = False) -> str | None:
        """Say sentence after sentence, as many as one template takes; every one, or those known."""
        parts = _SENTENCE.split(text)
        said, at = [], 0
        while at < len(parts) and len(parts) > 1:
            for end in range(len(parts), at, -1):
                found = self._whole(" ".join(parts[at:end]))
                if found is not None:
                    break
            if every and found is None:
                return None
            said.append(parts[at] if found is None else found)
            at = at + 1 if found is None else end
        return " ".join(said) if said and said != parts else None

    def _listed(self, text: str) -> str | None:
        """Say messages that stand in a list, all of them or none."""
        parts = re.split(r"(?:, |; )", text.rstrip("."))
        said = [self._whole(part) for part in parts]
        if len(parts) < 2 or None in said:
            return None
        return ", ".join(filter(None, said)) + ("." if text.endswith(".") else "")

    def _after_place(self, text: str) -> str | None:
        """Say what stands after a file, its row and column."""
        fits = _PLACE.fullmatch(text)
        if fits is None or re.search(r"[.!?] ", fits[1]):
            return None
        file, line, row, key, column, rest = fits.groups()
        said = self._said(rest)
        if said is None:
            return None
        place = self.words.get(file, file) if file in _BEFORE else file
        place += f", {self.words[line]} {row}" if line else ""
        place += f", {self.words[key]} {column}" if key else ""
        return f"{place}: {said}"


@cache
def _catalogue(language: str) -> tuple[tuple[_Template, ...], dict[str, str]] | None:
    place = files("cssp.show").joinpath("locale", "messages", f"{language}.po")
    if not place.is_file():
        return None
    from babel.messages.pofile import read_po

    book = read_po(io.BytesIO(place.read_bytes()), locale=language)
    entries = [(str(one.id), str(one.string)) for one in book if one.id and one.string]
    plain = {english: other for english, other in entries if "{" not in english}
    templates = [_Template(english, other) for english, other in entries if "{" in english]
    # who has most words of its own fits best
    ordered = sorted((one for one in templates if one.letters >= LEAST), key=lambda t: -t.letters)
    return tuple(ordered), plain


def _words(language: str) -> dict[str, str]:
    known = _catalogue(language)
    return {} if known is None else known[1]


def _candidates(language: str, text: str) -> Iterator[_Template]:
    known = _catalogue(language)
    for one in () if known is None else known[0]:
        if text.startswith(one.head) and all(literal in text for literal, _ in one.parts):
            yield one


@lru_cache(maxsize=4096)
def _fitting(language: str, text: str, strict: bool = True) -> str | None:
    """Return a text by the template that fits it as a whole.

    Strictly no value holds the end of one sentence and the beginning of the next.
    """
    words = _words(language)
    if text in words:
        return words[text]
    for one in _candidates(language, text):
        fits = one.pattern.fullmatch(text)
        if fits and not (strict and _holds_more(one, fits.groupdict())):
            values = {
                name: value if name in one.quoted else _value(language, value)
                for name, value in fits.groupdict().items()
            }
            return one.other.format(**values)
    if text.endswith(".") and (found := _fitting(language, text[:-1], strict)) is not None:
        return f"{found}."
    lowered = text[:1].lower() + text[1:]  # what begins a sentence here may be a part of one there
    found = None if lowered == text else _fitting(language, lowered, strict)
    return None if found is None else found[:1].upper() + found[1:]


def _holds_more(template: _Template, values: dict[str, str]) -> bool:
    """Tell whether a value takes in what is no part of it: a sentence, or a file before it."""
    first = next(iter(values.values()), "")
    beyond = template.head == "" and ": " in first
    return beyond or any(map(_SENTENCE.search, values.values()))


def _value(language: str, value: str) -> str:
    """Return a value, said where it is a message itself, or a list of several."""
    if not re.search(r"[A-Za-z]{2}", value) or (" " not in value and value in _words(language)):
        return value  # a word alone is a name as likely as a message
    said = Messages(language)._said(value)
    if said is not None or ", " not in value:
        return said or value
    # names that stand in a list are data; only what has a value of its own is a message
    words = _words(language)
    parts = value.split(", ")
    told = [one if one in words else _fitting(language, one) or one for one in parts]
    return ", ".join(told)
