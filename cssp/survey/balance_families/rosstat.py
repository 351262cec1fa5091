"""Rosstat's consumer confidence.

A full answer counts 1, a mild one 1/2 (the codebook's `weight`).
"""

from cssp.survey.balance_family import Family

ROSSTAT = Family(
    "rosstat", {"en": "Rosstat", "ru": "Росстат"}, score=lambda sign, weight: sign * weight
)
