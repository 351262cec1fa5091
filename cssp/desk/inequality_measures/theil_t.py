"""Theil's T."""

import math

from cssp.desk.inequality import theil_t
from cssp.desk.inequality_measure import InequalityMeasure

THEIL_T = InequalityMeasure(
    "theil_t",
    {"en": "Theil T", "ru": "T Тейла"},
    theil_t,
    place=60,
    at_most=lambda share: -math.log(share),
)
