"""Hoover's index: the share to be moved for all to be equal."""

from cssp.desk.inequality import hoover
from cssp.desk.inequality_measure import InequalityMeasure

HOOVER = InequalityMeasure(
    "hoover",
    {"en": "Hoover", "ru": "Гувер"},
    hoover,
    place=80,
    up_to_one=True,
    at_most=lambda share: 1 - share,
)
