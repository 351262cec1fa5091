"""The prevalence index: (both found - both did not) / n, the mean over pairs of coders.

Byrt, T., Bishop, J., & Carlin, J. B. (1993). Journal of Clinical Epidemiology, 46(5), 423-429.
"""

import numpy as np

from cssp.interviews.agreement_sums import cells, mean_of_pairs
from cssp.interviews.coefficient import Coefficient


def prevalence_index(pairs: np.ndarray) -> np.ndarray:
    """Return how far 'found by both' is from 'found by neither', the mean over pairs.

    -1 nobody finds it, 1 everybody does.
    """
    both, first, second, neither = cells(pairs)
    with np.errstate(invalid="ignore", divide="ignore"):
        return mean_of_pairs((both - neither) / (both + first + second + neither))


PREVALENCE_INDEX = Coefficient(
    "prevalence_index",
    {"en": "prevalence index", "ru": "показатель распространённости"},
    prevalence_index,
    of_pairs=True,
    place=70,
)
