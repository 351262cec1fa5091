"""Percentage agreement: the mean over units of the share of agreeing pairs of coders."""

from cssp.interviews.agreement_sums import percent_agreement
from cssp.interviews.coefficient import Coefficient

PERCENT_AGREEMENT = Coefficient(
    "percent_agreement",
    {"en": "percentage agreement", "ru": "процент согласия"},
    percent_agreement,
    place=20,
)
