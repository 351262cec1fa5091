"""Cohen's kappa; with more than two coders the mean over pairs, pairs without variation left out.

Cohen, J. (1960). Educational and Psychological Measurement, 20(1), 37-46; Light, R. J. (1971).
Psychological Bulletin,
76(5), 365-377.
"""

import numpy as np

from cssp.interviews.agreement_sums import cells, mean_of_pairs
from cssp.interviews.coefficient import Coefficient


def cohen(pairs: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa, the mean over pairs of coders.

    Missing where both always say the same one thing.
    """
    both, first, second, neither = cells(pairs)
    n = both + first + second + neither
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (both + neither) / n
        a, b = (both + first) / n, (both + second) / n
        expected = a * b + (1 - a) * (1 - b)
        value = np.where(expected < 1, (observed - expected) / (1 - expected), np.nan)
    return mean_of_pairs(value)


COHEN = Coefficient(
    "cohen", {"en": "Cohen's kappa", "ru": "каппа Коэна"}, cohen, of_pairs=True, place=60
)
