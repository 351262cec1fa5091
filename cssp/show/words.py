"""The catalogue of what readers see, in English and Russian.

One .po file, read when first needed.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from importlib.resources import files

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

from cssp.show.grouped import BY_GROUP
from cssp.study.problems import RunError, nearest
from cssp.study.read_yaml import in_language

#: Languages of results: English, and every language that has a catalogue `locale/CODE.po`.
LANGUAGES = (
    "en",
    *sorted(
        one.name[:-3]
        for one in files("cssp.show").joinpath("locale").iterdir()
        if one.name.endswith(".po")
    ),
)
#: Languages in which the notebooks' own prose is written; in others it is shown in English, with a
#: note.
WRITTEN = ("en", "ru")
#: Room for the digits of any number that is written.
_WIDE = Context(prec=400)
_FIGURE = r"[−+-]?\d[\d\u00a0\u202f]*(?:,\d{3})*(?:[.,]\d+)?[\u00a0\u202f ]?%?"
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_NUMBER = re.compile(rf"|—|[<>≤≥]?[\u00a0 ]?{_FIGURE}(?: ?(?:…|–) ?{_FIGURE})?")


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; English is its own.

    Raises
    ------
    RunError
        A language without a catalogue.
    """
    if language not in LANGUAGES:
        raise RunError(
            f"There is no catalogue for the language '{language}'. {nearest(language, LANGUAGES)}"
        )
    if language == "en":
        return gettext.NullTranslations()
    source = files("cssp.show").joinpath("locale", f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Words:
    """Sentences and numbers in one language.

    >>> Words("ru").number(1234.5, 1)
    '1\\xa0234,5'
    >>> Words("en").percent(0.6804, 1)
    '68.0%'
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language
        #: whether respondents are told apart by an item and not by their sector
        self.grouped = False
        self._catalogue = catalogue(language)
        self._marks = str.maketrans(
            {",": get_group_symbol(language), ".": get_decimal_symbol(language)}
        )

    def __call__(self, text: str | Mapping[str, str], **values: object) -> str:
        """Translate a text and fill in its `{names}`.

        A text given in several languages needs no catalogue.

        >>> Words("ru")({"en": "spread", "ru": "разброс"})
        'разброс'
        """
        if isinstance(text, Mapping):
            found = in_language(dict(text), self.language)
        else:
            english = BY_GROUP.get(text, text) if self.grouped else text
            found = self._catalogue.gettext(english) if english else ""
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """Translate a text that depends on a count, which fills `{count}`."""
        return self._catalogue.ngettext(one, many, int(count)).format(
            count=self.number(count), **values
        )

    def number(self, value: float, decimals: int = 0, signed: bool = False) -> str:
        """Write a number as the language does (decimal comma.

        Thin or no-break space between thousands).
        """
        found = rounded(float(value), decimals)
        # babel's own format_decimal was a tenth of a notebook's time; a test holds this to it
        text = f"{abs(found):,.{max(decimals, 0)}f}".translate(self._marks)
        return ("−" if found < 0 else "+" if signed and found > 0 else "") + text

    def percent(self, share: float, decimals: int = 0, signed: bool = False) -> str:
        """Write a share in [0, 1] as per cent."""
        space = "\u00a0" if self.language == "ru" else ""
        return f"{self.number(100 * share, decimals, signed)}{space}%"

    def points(self, balance: float, decimals: int = 0) -> str:
        """Write a balance in [-1, 1] in percentage points, with its sign."""
        return self.number(100 * balance, decimals, signed=True)

    def p_value(self, p: float) -> str:
        """Write a p-value: three decimals, or that it is smaller."""
        mark = "<\u00a0" if self.language == "ru" else "<"
        return f"{mark}{self.number(0.001, 3)}" if p < 0.001 else self.number(p, 3)

    def day(self, text: str, long: bool = False) -> str:
        """Write a day told as 2022-07-01 as the language does.

        Other texts (a year, a period) stay as they are.

        >>> Words("ru").day("2022-07-01"), Words("en").day("2022-07-01"), Words("ru").day("2022")
        ('01.07.2022', '2022-07-01', '2022')
        >>> Words("en").day("2022-07-01", long=True)
        '1 July 2022'
        """
        if not _DAY.fullmatch(text):
            return text
        if long:
            return str(
                format_date(
                    date.fromisoformat(text),
                    "long",
                    locale={"en": "en_GB"}.get(self.language, self.language),
                )
            )
        return ".".join(reversed(text.split("-"))) if self.language == "ru" else text

    def listed(self, parts: list[str]) -> str:
        """Join parts as a list: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"


def rounded(value: float, decimals: int) -> Decimal:
    """Round half away from zero on the number as it is written, as spreadsheets do.

    A binary fraction such as 0.285 lies a hair below what is written; with the fifteen digits that
    spreadsheets keep it is what everybody reads. The same rule holds for pages, sentences, figures,
    Word and Excel.

    >>> rounded(28.499999999999996, 0), rounded(-0.5, 0), rounded(2.675, 2)
    (Decimal('29'), Decimal('-1'), Decimal('2.68'))
    """
    written = Decimal(f"{value:.15g}")
    if not written.is_finite():
        return written
    return written.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)


def without_equals(text: str) -> str:
    """Write "p <0.001" where a sentence would say "p = <0.001".

    >>> without_equals("n = 3; p = <0.001")
    'n = 3; p <0.001'
    """
    return re.sub(r"\bp(\s)=\s(?=<)", r"p\1", text)


def is_number(text: str) -> bool:
    """Tell whether a shown text is a number, an interval or a p-value.

    Or stands for one that is not known.

    >>> [is_number(text) for text in ("−0,25", "<0.001", "12 %", "+30 … +85", "—", "1–2")]
    [True, True, True, True, True, True]
    >>> is_number("mixed"), is_number("2019-01-12")
    (False, False)
    """
    return _NUMBER.fullmatch(text) is not None
