"""The joint display: desk, survey and interviews, theme by theme.

The one room that sees all three stages.
"""
