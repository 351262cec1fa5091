"""What the headings of official tables say: which indicator, in which unit, of when and of whom."""

from __future__ import annotations

import re

from cssp.study.indicator_book import Indicator, IndicatorBook
from cssp.tables.raw import fold

#: What is only a part of the residents, or a rate of them.
_PART = re.compile(
    r"плотност|доход|услуг|отток|охват|обеспечен|обслуж|систематич|занима|density|городско|сельско|мужчин|женщин|родивш|умерш|прибывш|выбывш|трудоспособн|моложе|старше|занят"
    r"|работник|детей|возраст|на 1000|на 10 ?000|на душу|per |прирост|urban|rural|aged|worker"
)
#: Role of an indicator -> the words that tell it; the first that fits counts.
_ROLES = (
    ("programme", r"программ\w*.*(?:нко|некоммерч)|programme.*(?:npo|ngo|non-?profit)"),
    ("support", r"(?:субсиди|поддержк|расход|финансов\w+ участи)\w*.*(?:нко|некоммерч)"
                r"|(?:subsid|support|grant)\w*.*(?:npo|ngo|non-?profit)"),
    ("organisations", r"(?:числ|количеств)\w*.*(?:нко|некоммерч)"
                      r"|зарегистрирован\w* (?:нко|некоммерч)"
                      r"|(?:number of|registered) (?:npo|ngo|non-?profit)"),
    ("expenditure", r"расход\w*(?! на душу)|expenditure"),
    ("population", r"числен\w*\W+(?:\w+\W+){0,3}(?:населени|жител)"
                   r"|^\W*(?:все |всего |постоянное )*населени|(?:число|количество) жителей"
                   r"|оценка населения|population|residents"),
)  # fmt: skip
#: What is of a part of the non-profits, or of a plan.
_OTHERS = re.compile(r"проект|получател|поддержан|участни|волонт|добровол|project|recipient")
_PLAN = re.compile(r"\bплан|уточненн|утвержден|назначени|прогноз|бюджетная роспись|plan|budgeted")
_SHARE = re.compile(
    r"в расчете на|на (?:одного|одну|1) (?:жит|чел)|на (?:тысячу|душу)|\bна 10{2,}\b"
    r"|\bдол[яиюей]\b|удельн\w+ вес|процент|в %|, %|share|per cent"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_CENSUS = re.compile(
    r"впн\s*-?\s*(20\d\d)|перепис\w+[^0-9]{0,40}(20\d\d)|census[^0-9]{0,12}(20\d\d)"
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
    labelled = [
        indicator
        for indicator in book.indicators
        if any(
            re.search(rf"\b{re.escape(fold(label))}\b", wanted)
            for label in (indicator.name, *indicator.label.values())
        )
    ]
    longest = max((len(one.label.get("ru", one.name)) for one in labelled), default=0)
    labelled = [one for one in labelled if len(one.label.get("ru", one.name)) == longest]
    for role, words in _ROLES:
        if not re.search(words, wanted):
            continue
        if role == "population" and _PART.search(wanted):
            return None
        if role != "programme" and (_SHARE.search(wanted) or _PLAN.search(wanted)):
            return None  # a rate of it, or a plan, is another thing
        if role == "organisations" and _OTHERS.search(wanted):
            return None
        if role == "expenditure" and re.search(r"расход\w*.* (?:на|по) (?!1 |январ|\d)", wanted):
            return None  # of one purpose
        if len(own := book.with_role(role)) == 1:
            return book.indicator(own[0])
        break
    found = labelled[0] if len(labelled) == 1 else None
    if found is not None and found.role in dict(_ROLES) and found.role != "programme":
        return None  # its name stands there, but not what it is of: "из них сельское население"
    return found


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
    if not re.search(words, wanted):
        return ""
    before = [
        part.group(1) or ""
        for part in re.finditer(rf"({_OFTEN})?[а-яa-z]*\.?\s*(?:{words})", wanted)
    ]
    often = {
        next((name for name, beginning in _MULTIPLES if re.match(beginning, word)), "")
        for word in before
    }
    return often.pop() + indicator.unit if len(often) == 1 else ""


def years_of(text: str) -> list[int]:
    """Return the years that a heading names; a census is none of them.

    >>> years_of("на 1 января 2019 года (по ВПН-2010)")
    [2019]
    """
    bare = _CENSUS.sub(" ", fold(text))
    return sorted({int(year) for year in _YEAR.findall(bare)})


def basis_of(book: IndicatorBook, text: str) -> str:
    """Return the basis that a heading names by its census; empty where it does not.

    >>> from cssp import load_study
    >>> basis_of(load_study().indicators, "Население (по ВПН-2010)")
    'census_2010'
    """
    years = {year for found in _CENSUS.findall(fold(text)) for year in found if year}
    names = [
        name
        for name, label in book.bases.items()
        if years and any(year in f"{name} {' '.join(label.values())}" for year in years)
    ]
    return names[0] if len(names) == 1 else ""


def at_the_end(text: str) -> bool:
    """Tell whether a heading counts a stock at the end of a year, or as its mean.

    >>> at_the_end("Население на конец года"), at_the_end("на 1 января")
    (True, False)
    """
    wanted = fold(text)
    return bool(
        re.search(r"конец|конца|31 декабря|31\.12|среднегодов|end of|year-end|mean", wanted)
        or re.search(r"\bна 1 (?!январ)[а-я]{3,}|\b01\.(?!01)\d\d\.", wanted)
    )


def of_which_year(text: str) -> bool:
    """Tell whether a heading of spent money names a day, or a part of a year.

    What was spent by 1 January 2021 is that of 2020.

    >>> of_which_year("Исполнение бюджетов на 1 января 2021 года"), of_which_year("за 2020 год")
    (True, False)
    """
    return bool(
        re.search(
            r"\bна (?:1|01)\b|\bна 0?1\.|месяц|квартал|полугоди|\bas of\b|month|quarter", fold(text)
        )
    )


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
