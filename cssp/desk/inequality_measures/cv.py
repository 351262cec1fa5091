"""Coefficient of variation: standard deviation over mean."""

import math

from cssp.desk.inequality import coefficient_of_variation
from cssp.desk.inequality_measure import InequalityMeasure

CV = InequalityMeasure(
    "cv",
    {"en": "coefficient of variation", "ru": "коэффициент вариации"},
    coefficient_of_variation,
    place=40,
    at_most=lambda share: math.sqrt(1 / share - 1),
)
