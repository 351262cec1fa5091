"""The prevalence- and bias-adjusted kappa.

2 percentage agreement - 1 (Brennan-Prediger with two values).

Byrt, T., Bishop, J., & Carlin, J. B. (1993). Journal of Clinical Epidemiology, 46(5), 423-429.
"""

import numpy as np

from cssp.interviews.agreement_sums import YES, percent_agreement
from cssp.interviews.coefficient import Coefficient


def pabak(sums: np.ndarray) -> np.ndarray:
    """Return the prevalence- and bias-adjusted kappa: missing where nobody used the code."""
    return np.where(sums[..., YES, :] <= 0, np.nan, 2 * percent_agreement(sums) - 1)


PABAK = Coefficient("pabak", {"en": "PABAK", "ru": "PABAK"}, pabak, place=50)
