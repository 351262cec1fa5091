"""The gap in means: (highest - lowest) / mean."""

from cssp.desk.inequality import relative_gap
from cssp.desk.inequality_measure import InequalityMeasure

RELATIVE_GAP = InequalityMeasure(
    "relative_gap",
    {"en": "gap in means", "ru": "разрыв в средних"},
    relative_gap,
    place=20,
    interval=False,
)
