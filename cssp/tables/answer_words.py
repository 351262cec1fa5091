"""Words of answers that people use: families of scales from low to high."""

from __future__ import annotations

#: Families of scales: pattern -> place, the stronger pattern first. A scale is ordinal where all
#: its answers have places in one family.
FAMILIES: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = (
    (
        "agreement",
        (
            (r"(совсем|совершенно|полностью|абсолютно|категорически|определенно) не согла[сш]", -2),
            (r"скорее не согла[сш]", -1),
            (r"не согла[сш]", -1.5),
            (
                r"(отчасти|частично|в чем-то) (не )?согла[сш]|^и да,? и нет|ни да,? ни нет|нейтральн|ни согла[сш]",
                0,
            ),
            (r"(полностью|совершенно|абсолютно|определенно|целиком) согла[сш]", 2),
            (r"скорее согла[сш]", 1),
            (r"^согла[сш]", 1.5),
            (r"(strongly|completely|fully|totally) disagree|disagree (strongly|completely)", -2),
            (r"(somewhat|rather|slightly|tend to|mostly) disagree", -1),
            (r"neither|neutral|undecided|in part\b|partly", 0),
            (r"(strongly|completely|fully|totally) agree|^agree (strongly|completely)", 2),
            (r"(somewhat|rather|slightly|tend to|mostly) agree", 1),
            (r"^disagree", -1.5),
            (r"^agree", 1.5),
        ),
    ),
    (
        "yes_no",
        (
            (r"^(скорее|пожалуй,?) нет", -1),
            (r"^(скорее|пожалуй,?) да", 1),
            (r"^(однозначно|безусловно|определенно|конечно,?) да", 2),
            (r"^(однозначно|безусловно|определенно|конечно,?) нет", -2),
            (r"^нет\b", -1.5),
            (r"^да\b", 1.5),
            (r"^(отчасти|частично|и да,? и нет)", 0),
            (r"^(rather|probably) (yes|so)|^probably yes", 1),
            (r"^(rather|probably) (no|not)", -1),
            (r"^definitely yes", 2),
            (r"^definitely (no|not)", -2),
            (r"^no\b", -1.5),
            (r"^yes\b", 1.5),
        ),
    ),
    (
        "quality",
        (
            (
                r"очень плох|очень низк|крайне (плох|негативн|отрицательн)|совсем плох|^крайне отрицательн|^резко отрицательн",
                -2,
            ),
            (r"скорее (плох|отрицательн|негативн|низк)|ниже среднего", -1),
            (r"^(плох|отрицательн|негативн|низк|неудовлетворительн)", -1.5),
            (r"^(средн|удовлетворительн|нейтральн|нормальн|ни хорошо|безразлично)", 0),
            (r"скорее (хорош|положительн|позитивн|высок)|выше среднего", 1),
            (r"очень хорош|очень высок|отличн|крайне положительн", 2),
            (r"^(хорош|положительн|позитивн|высок)", 1.5),
            (r"^(very|extremely) (poor|bad|low|negative|unfavou?rable)", -2),
            (r"^(poor|bad|low|negative|unfavou?rable)|below average", -1.5),
            (r"^(fair|average|medium|moderate|neutral|mixed)|^ok\b", 0),
            (r"^excellent|^outstanding", 3),
            (r"^(very|extremely) (good|high|positive|favou?rable)", 2),
            (r"^(good|high|positive|favou?rable)|above average", 1.5),
        ),
    ),
    (
        "satisfaction",
        (
            (r"(полностью|совершенно|совсем|абсолютно) не (удовлетвор|довол|устраив)", -2),
            (r"скорее не (удовлетвор|довол|устраив)", -1),
            (r"не (удовлетвор|довол|устраив)", -1.5),
            (r"(полностью|совершенно|вполне|абсолютно) (удовлетвор|довол|устраив)", 2),
            (r"скорее (удовлетвор|довол|устраив)", 1),
            (r"^(удовлетвор|довол|устраив)", 1.5),
            (r"отчасти|частично|нейтральн", 0),
            (r"(very|extremely|completely) dissatisf", -2),
            (r"(somewhat|rather|slightly) dissatisf", -1),
            (r"^dissatisf", -1.5),
            (r"neither|neutral", 0),
            (r"(very|extremely|completely) satisf", 2),
            (r"(somewhat|rather|slightly) satisf", 1),
            (r"^satisf", 1.5),
        ),
    ),
    (
        "trust",
        (
            (r"(совсем|совершенно|полностью|абсолютно) не доверя", -2),
            (r"скорее не доверя", -1),
            (r"^не доверя", -1.5),
            (r"(полностью|совершенно|абсолютно) доверя", 2),
            (r"скорее доверя", 1),
            (r"^доверя", 1.5),
            (r"отчасти|частично", 0),
        ),
    ),
    (
        "frequency",
        (
            (r"^никогда|^ни разу", 0),
            (r"^(очень редко|крайне редко|почти никогда)", 1),
            (r"^редко|раз в год|реже", 2),
            (r"^(иногда|время от времени|несколько раз в год)", 3),
            (r"^часто|каждый месяц|ежемесячно|раз в месяц", 4),
            (r"^(очень часто|постоянно|почти всегда)|каждую неделю|еженедельно", 5),
            (r"^всегда|ежедневно|каждый день", 6),
            (r"^never", 0),
            (r"^(very rarely|hardly ever|almost never)", 1),
            (r"^(rarely|seldom)|once a year", 2),
            (r"^(sometimes|occasionally)|several times a year", 3),
            (r"^(often|frequently)|monthly|every month|about half", 4),
            (r"^(very often|almost always|most of the time|usually)|weekly|every week", 5),
            (r"^always|daily|every day", 6),
        ),
    ),
    (
        "calendar",
        (
            (r"^never|^никогда", 0),
            (r"^less (often|than)|^реже", 1),
            (r"^(rarely|seldom)|^редко", 1.5),
            (r"once (a|every( few)?) years?|yearly|раз в год|ежегодно", 2),
            (r"once every six months|раз в полгода", 3),
            (r"once every three months|quarterly|раз в квартал|ежеквартально", 4),
            (r"several times a year|a few times a year|несколько раз в год", 4.5),
            (r"once a month|^monthly|раз в месяц|ежемесячно|каждый месяц", 5),
            (r"several times a month|once or twice a month|несколько раз в месяц", 6),
            (r"once a week|^weekly|раз в неделю|еженедельно|каждую неделю", 7),
            (r"several times a week|more than once a week|несколько раз в неделю", 8),
            (r"^daily|every day|ежедневно|каждый день", 9),
        ),
    ),
    (
        "quantity",
        (
            (
                r"^(none|nothing|not (at all|restricted))|^(нисколько|ничего)|^no (trust|confidence)",
                0,
            ),
            (r"^(very little|hardly)|^(почти ничего|очень мало)", 1),
            (r"^(a )?little|^slightly|^(мало|немного)", 2),
            (r"^(some|somewhat|moderate)|^(некоторое|умеренно)", 3),
            (r"^(a lot|much|quite)|^(много|довольно)", 4),
            (r"^(a great deal|very|completely)|^(очень много|очень)", 5),
        ),
    ),
    (
        "attention",
        (
            (r"^hardly at all|^(почти )?никогда", 0),
            (r"^only now and then", 1),
            (r"^some of the time", 2),
            (r"^most of the time|^почти всегда", 3),
            (r"^all of the time|^всегда", 4),
        ),
    ),
    (
        "importance",
        (
            (
                r"(совсем|совершенно|абсолютно) не важ|^not (at all )?important|^not an important|unimportant",
                0,
            ),
            (r"^(скорее не важ|не очень важ|не важ)|^(slightly|not very) important", 1),
            (r"^(somewhat|moderately|rather) important|^(скорее важ|отчасти важ)", 2),
            (r"^important|^важ", 3),
            (r"^very important|^очень важ", 4),
            (r"^(extremely|most|critically) important|^(крайне|чрезвычайно|исключительно) важ", 5),
        ),
    ),
    (
        "extent",
        (
            (
                r"^(not at all|not .* at all|no .* at all|none)|^(совсем|вовсе|совершенно) не|^ничего не",
                0,
            ),
            (
                r"^(a little|slightly|to a small extent|not too|not very|not much)|^(немного|слабо|в малой|не очень|что-то слышал)",
                1,
            ),
            (
                r"^(somewhat|moderately|to some extent|a moderate)|^(в некоторой|отчасти|средне|в общих чертах|знаю в общих)",
                2,
            ),
            (
                r"^(very|a lot|to a large extent|quite|a great deal)|^(сильно|в значительной|хорошо знаю|значительно)",
                3,
            ),
            (
                r"^(extremely|completely|fully|to a very large)|^(очень сильно|полностью|в полной мере)",
                4,
            ),
        ),
    ),
    (
        "awareness",
        (
            (
                r"^(совсем |вообще )?не (знаю|знаком|слыш)|^ничего не|^впервые слыш|never heard|^(do not|don.?t) know|^not (at all )?(aware|familiar)",
                0,
            ),
            (r"слыш|\bheard\b|^slightly (aware|familiar)", 1),
            (
                r"^(немного|частично|отчасти|кое-что)|в общих чертах|^somewhat (aware|familiar)|know (a little|something)",
                2,
            ),
            (r"хорошо|отлично|подробно|^very (aware|familiar)|know (it |them )?(well|a lot)", 4),
            (r"^(знаю|знаком)|^(know|aware|familiar)", 3),
        ),
    ),
    (
        "change",
        (
            (
                r"(сильно|значительно|намного|существенно) (ухудш|сниз|уменьш)|(much|significantly) worse",
                -2,
            ),
            (r"(ухудш|сниз|уменьш)|worse|slowed|decreas", -1),
            (r"не измен|остан|remained|no change|same|constant", 0),
            (
                r"(сильно|значительно|намного|существенно) (улучш|вырас|повыс|увелич)|(much|significantly) better",
                2,
            ),
            (r"(улучш|вырас|повыс|увелич)|better|improv|increas", 1),
        ),
    ),
    (
        "likelihood",
        (
            (r"(very|extremely|highly) unlikely|крайне маловероятно", -2),
            (r"(somewhat|rather) unlikely|^unlikely|маловероятно", -1),
            (r"neither|neutral|possibly|возможно", 0),
            (r"(very|extremely|highly) likely|(очень|весьма) вероятно", 2),
            (r"(somewhat|rather) likely|^likely|^вероятно|скорее вероятно", 1),
        ),
    ),
)
