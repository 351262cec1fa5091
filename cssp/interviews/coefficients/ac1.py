"""Gwet's AC1, with a varying number of coders.

Gwet, K. L. (2008). British Journal of Mathematical and Statistical Psychology, 61(1), 29-48.
"""

import numpy as np

from cssp.interviews.agreement_sums import chance_corrected
from cssp.interviews.coefficient import Coefficient


def ac1(sums: np.ndarray) -> np.ndarray:
    """Return Gwet's AC1: missing where nobody used the code."""
    value, share = chance_corrected(sums, lambda found: 2 * found * (1 - found))
    return np.where(share <= 0, np.nan, value)


AC1 = Coefficient("ac1", {"en": "Gwet's AC1", "ru": "AC1 Гвета"}, ac1, place=40)
