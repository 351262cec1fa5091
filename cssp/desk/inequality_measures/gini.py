"""Gini's coefficient."""

from cssp.desk.inequality import gini
from cssp.desk.inequality_measure import InequalityMeasure

GINI = InequalityMeasure(
    "gini",
    {"en": "Gini", "ru": "Джини"},
    gini,
    place=50,
    up_to_one=True,
    at_most=lambda share: 1 - share,
)
