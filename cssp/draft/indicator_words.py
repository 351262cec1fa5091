"""Which indicator a heading names, and in which unit."""

from __future__ import annotations

import re

from cssp.draft.period_words import CENSUS
from cssp.study.indicator_book import Indicator, IndicatorBook
from cssp.tables.raw import fold

#: Role of an indicator -> the words that tell it; the first that fits counts.
_ROLES = (
    ("programme", r"программ\w*.*(?:нко|некоммерч)|programme.*(?:npo|ngo|non-?profit)"),
    ("support", r"(?:субсиди|поддержк|расход|финансов\w+ участи)\w*.*(?:нко|некоммерч)"
                r"|(?:subsid|support|grant)\w*.*(?:npo|ngo|non-?profit)"),
    ("organisations", r"(?:числ|количеств)\w*.*(?:нко|некоммерч)"
                      r"|зарегистрирован\w* (?:нко|некоммерч)"
                      r"|(?:number of|registered) (?:npo|ngo|non-?profit)"),
    ("expenditure", r"расход|expenditure"),
    ("population", r"населени|жител|population|residents"),
)  # fmt: skip
#: What a heading of an indicator may say beside: whose, when, in which unit.
_BESIDE = (
    r"на|по|в|из|и|за|с|год|года|году|г|на начало|начало|январ\w*|муниципальн\w*|образовани\w*"
    r"|округ\w*|район\w*|разрез\w*|всего|итого|все|весь|исполнен\w*|кассов\w*|фактическ\w*"
    r"|значени\w*|показател\w*|тыс\w*|млн|млрд|миллион\w*|миллиард\w*|человек|чел|рубл\w*|руб"
    r"|единиц\w*|ед|впн|перепис\w*|of|the|on|in|by|and|all|total|january|year|thousand|million"
    r"|billion|rub|roubles|rubles|persons|people|units|municipalit\w*|executed"
)
#: Role -> the words that its heading may consist of; any other makes it another thing.
_WHOLE = {
    "support": r"субсиди\w*|поддержк\w*|нко|со|сонко|некоммерческ\w*|организаци\w*|социально"
    r"|ориентированн\w*|расход\w*|финансов\w*|объем\w*|сумм\w*|предоставлен\w*|местн\w*|бюджет\w*|средств\w*"
    r"|subsid\w*|support|npos?|ngos?|non|profits?|local|budgets?|to|for",
    "organisations": r"числ\w*|количеств\w*|зарегистрирован\w*|нко|со|сонко|некоммерческ\w*"
    r"|организаци\w*|социально|ориентированн\w*|number|registered|npos?|ngos?|non|profits?|organi[sz]ations?",
    "expenditure": r"расход\w*|бюджет\w*|местн\w*|expenditures?|budgets?|local",
    "population": r"численност\w*|постоянн\w*|наличн\w*|населени\w*|жител\w*|числ\w*"
    r"|количеств\w*|оценка|population|residents?|number|resident|permanent",
}
#: What is planned, not done.
_PLAN = re.compile(
    r"\bплан|уточненн|утвержден|назначени|прогноз|роспись|предусмотр|\bоценка\b|проект|решени[ея]"
    r"|20\d\d\s*[-–—]\s*20\d\d|plan|budgeted"
)
_MULTIPLES = (
    ("thousand ", r"тыс|thousand"),
    ("million ", r"млн|миллион|million"),
    ("billion ", r"млрд|миллиард|billion"),
)
_OFTEN = "|".join(beginning for _, beginning in _MULTIPLES)
#: What an indicator is counted in -> the words for it.
_UNITS = (
    ("RUB", r"руб|rub"),
    ("persons", r"чел(?:\.|овек)|persons|people"),
    ("", r"единиц|\bед\.|\bunits"),
)


def indicator_of(book: IndicatorBook, text: str) -> Indicator | None:
    """Return the indicator that a heading names; None where none, or more than one, does.

    By an indicator's own label, else by the words that official tables have for what it is.

    >>> from cssp import load_study
    >>> book = load_study().indicators
    >>> indicator_of(book, "Численность населения на 1 января 2019 г.").name
    'population'
    >>> indicator_of(book, "из них сельское население") is None
    True
    """
    wanted = fold(text)
    for role, words in _ROLES:
        if not re.search(words, wanted):
            continue
        own = book.with_role(role)
        whole = role == "programme" or _says_no_more(wanted, _WHOLE[role])
        return book.indicator(own[0]) if whole and len(own) == 1 else None
    labelled = [
        indicator
        for indicator in book.indicators
        if any(
            _says_no_more(wanted, "|".join(map(re.escape, re.findall(r"\w+", fold(label)))))
            and fold(label) in wanted
            for label in (indicator.name, *indicator.label.values())
        )
    ]
    return labelled[0] if len(labelled) == 1 else None


def _says_no_more(text: str, words: str) -> bool:
    """Tell whether a heading has no word beside these, and those of when, whose and how many."""
    bare = CENSUS.sub(" ", re.sub(r"\(по [^)]*\)", " ", text))
    left = [word for word in re.findall(r"[^\W\d]+|%", bare)]
    return all(re.fullmatch(f"{words}|{_BESIDE}", word) for word in left)


def is_planned(text: str) -> bool:
    """Tell whether a title is of a plan, not of what was done.

    >>> is_planned("Решение о бюджете на 2021 год"), is_planned("Исполнение бюджета")
    (True, False)
    """
    return bool(_PLAN.search(fold(text)))


def unit_of(indicator: Indicator, text: str) -> str:
    """Return the unit that a heading tells, as the file's table says it; empty where it does not.

    >>> from cssp import load_study
    >>> book = load_study().indicators
    >>> unit_of(book.indicator("population"), "Население, тыс. человек")
    'thousand persons'
    >>> unit_of(book.indicator("npo_subsidies"), "Субсидии НКО")
    ''
    """
    wanted = fold(text)
    if indicator.unit == "yes_no":
        return "yes_no"
    words = next((words for unit, words in _UNITS if unit == indicator.unit), _UNITS[-1][1])
    if not re.search(words, wanted) or re.search(r"['’`]000|(?<!\d)000(?!\d)", wanted):
        return ""
    behind = re.findall(rf"(?:{words})\w*\.?,?\s*({_OFTEN})", wanted)
    before = [
        part.group(1) or ""
        for part in re.finditer(rf"({_OFTEN})?[а-яa-z]*\.?\s*(?:{words})", wanted)
    ]
    often = {
        next((name for name, beginning in _MULTIPLES if re.match(beginning, word)), "")
        for word in behind or before
    }
    return often.pop() + indicator.unit if len(often) == 1 else ""
