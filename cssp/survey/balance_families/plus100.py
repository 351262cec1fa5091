"""100 plus positive minus negative answers in per cent, 0 to 200: as published indices print it."""

from cssp.survey.balance_family import Family

PLUS100 = Family(
    "plus100",
    {"en": "plus100", "ru": "100 + разность"},
    score=lambda sign, weight: sign,
    centre=100.0,
    unit=100.0,
)
