"""Krippendorff's nominal alpha of a code. A unit with one coder carries nothing.

Krippendorff, K. (2004). Content Analysis, 2nd ed., Sage, ch. 11.
"""

from cssp.interviews.agreement_sums import alpha
from cssp.interviews.coefficient import Coefficient

ALPHA = Coefficient("alpha", {"en": "alpha", "ru": "альфа"}, alpha, place=10)
