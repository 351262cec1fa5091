"""Fleiss' kappa, with a varying number of coders.

Fleiss, J. L. (1971). Psychological Bulletin, 76(5), 378-382; extended by Gwet, K. L. (2014).
Handbook of Inter-Rater
Reliability, 4th ed.: the share of a value is the mean over units of its share in the unit.
"""

import numpy as np

from cssp.interviews.agreement_sums import chance_corrected
from cssp.interviews.coefficient import Coefficient


def fleiss(sums: np.ndarray) -> np.ndarray:
    """Return Fleiss' kappa: missing where nobody or everybody always found the code."""
    value, share = chance_corrected(sums, lambda found: found**2 + (1 - found) ** 2)
    return np.where((share <= 0) | (share >= 1), np.nan, value)


FLEISS = Coefficient("fleiss", {"en": "Fleiss' kappa", "ru": "каппа Флейса"}, fleiss, place=30)
