"""Which kind of municipality a heading, a name or a code tells."""

from __future__ import annotations

import re

from cssp.study.indicator_book import IndicatorBook
from cssp.tables.raw import fold


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-zа-я]{2,}", fold(text))
    return {
        re.sub(
            r"(?:ые|ие|ия|ии|ий|ый|ое|ая|ой|ого|ому|ыми|ими|ых|их|ами|ам|ах|ов|а|ы|и|е|у|s)$",
            "",
            word,
        )
        for word in words
    } - {"и", "and", "всего", "сег", "в", "том", "числ", "total"}


#: Short forms of the kinds of municipalities, as they stand beside names.
_SHORT = (
    (
        r"\bг\.? ?о\.?(?=\s|$)|^(?!.*поселени)(?:.*\bгород(?:а)? (?=[А-ЯЁ])|г\. ?(?=[А-ЯЁ]))",
        "городской округ",
    ),
    (r"\bм\.? ?о\.?(?=\s|$)", "муниципальный округ"),
    (r"\bм\.? ?р(?:-н)?\.?(?=\s|$)", "муниципальный район"),
    (r"\bг\.? ?п\.?(?=\s|$)", "городское поселение"),
    (r"\bс\.? ?п\.?(?=\s|$)|сельсовет", "сельское поселение"),
)


def kind_of(book: IndicatorBook, text: str) -> str:
    """Return the kind of municipality that a heading or a name tells; empty where it does not.

    >>> from cssp import load_study
    >>> book = load_study().indicators
    >>> [kind_of(book, text) for text in ("Городские округа:", "Бабаевский муниципальный район",
    ...     "Кадуй")]
    ['urban_okrug', 'municipal_district', '']
    """
    text = re.split(r",? в том числе|,? в т\. ?ч", text)[0] or text
    wanted = _stems(text)
    for short, long in _SHORT:
        if re.search(short, text):
            wanted |= _stems(long)
            break
    found: list[tuple[int, int, int, str]] = []
    for order, (name, label) in enumerate(book.kinds.items()):
        for told in label.values():
            own = _stems(told)
            if own and own <= wanted:
                found.append((-len(own), name not in book.upper_kinds, order, name))
    if not found:
        return ""
    best = min(found)
    longest = {name for size, _, _, name in found if size == best[0]}
    upper = [name for name in longest if name in book.upper_kinds]
    return best[3] if len(longest) == 1 or len(upper) == 1 else ""


#: Third digit of an OKTMO code -> the kind of municipality in words.
_BY_CODE = {"5": "муниципальный округ", "6": "муниципальный район", "7": "городской округ"}


def kind_of_code(book: IndicatorBook, oktmo: str) -> str:
    """Return the kind of municipality that an OKTMO code tells; empty where it does not.

    >>> from cssp import load_study
    >>> kind_of_code(load_study().indicators, "19701000")
    'urban_okrug'
    """
    if len(oktmo) not in (8, 11):
        return ""
    if oktmo[2] == "6" and oktmo[5:8] != "000":
        return kind_of(
            book, {"1": "городские поселения", "4": "сельские поселения"}.get(oktmo[5], "")
        )
    return kind_of(book, _BY_CODE.get(oktmo[2], ""))
