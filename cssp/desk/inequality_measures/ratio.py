"""Highest to lowest."""

from cssp.desk.inequality import ratio
from cssp.desk.inequality_measure import InequalityMeasure

RATIO = InequalityMeasure(
    "ratio", {"en": "ratio", "ru": "отношение"}, ratio, place=30, interval=False
)
