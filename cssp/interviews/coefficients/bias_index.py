"""The bias index: |only one found - only the other did| / n, the mean over pairs of coders.

Byrt, T., Bishop, J., & Carlin, J. B. (1993). Journal of Clinical Epidemiology, 46(5), 423-429.
"""

import numpy as np

from cssp.interviews.agreement_sums import cells, mean_of_pairs
from cssp.interviews.coefficient import Coefficient


def bias_index(pairs: np.ndarray) -> np.ndarray:
    """Return how unequally often the two of a pair find the code, the mean over pairs.

    0 equally often.
    """
    both, first, second, neither = cells(pairs)
    with np.errstate(invalid="ignore", divide="ignore"):
        return mean_of_pairs(np.abs(first - second) / (both + first + second + neither))


BIAS_INDEX = Coefficient(
    "bias_index",
    {"en": "bias index", "ru": "показатель смещения"},
    bias_index,
    of_pairs=True,
    place=80,
)
