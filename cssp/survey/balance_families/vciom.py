"""VCIOM's indices: average answers count as positive."""

import numpy as np

from cssp.survey.balance_family import Family

VCIOM = Family(
    "vciom",
    {"en": "VCIOM", "ru": "ВЦИОМ"},
    score=lambda sign, weight: np.where(sign == 0, 1.0, sign),
)
