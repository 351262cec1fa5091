"""Theil's L (mean logarithmic deviation)."""

from cssp.desk.inequality import theil_l
from cssp.desk.inequality_measure import InequalityMeasure

THEIL_L = InequalityMeasure("theil_l", {"en": "Theil L", "ru": "L Тейла"}, theil_l, place=70)
