"""The joint display: desk, survey and interviews, theme by theme. The one room that sees all three stages."""

from cssp.synthesis.joint import joint_display, theme_balances, theme_indicators, theme_prevalence

__all__ = ["joint_display", "theme_balances", "theme_indicators", "theme_prevalence"]
