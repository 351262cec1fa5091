"""Proposals from other people's files: a new study, a city, a questionnaire, a code system.

And what is wrong with them.
"""
