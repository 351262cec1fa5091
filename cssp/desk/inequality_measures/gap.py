"""Highest less lowest."""

from cssp.desk.inequality import gap
from cssp.desk.inequality_measure import InequalityMeasure

GAP = InequalityMeasure("gap", {"en": "gap", "ru": "разрыв"}, gap, place=10, interval=False)
