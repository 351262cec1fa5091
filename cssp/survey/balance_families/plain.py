"""Positive minus negative answers, as shares of the base."""

from cssp.survey.balance_family import Family

PLAIN = Family("plain", {"en": "plain", "ru": "простое"}, score=lambda sign, weight: sign)
