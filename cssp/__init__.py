"""CSSP: a workbench for studying cross-sector social partnership in cities.

The public names are imported when they are first used (PEP 562), so `import cssp` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "load_study": "cssp.study",
    "Study": "cssp.study",
    "City": "cssp.study",
    "default_study": "cssp.study",
    "check": "cssp.checking",
    "read_table": "cssp.tabular",
    "load_survey": "cssp.survey.load",
    "frequency_table": "cssp.survey.frequency",
    "collapse": "cssp.survey.frequency",
    "distribution": "cssp.survey.frequency",
    "readable": "cssp.survey.frequency",
    "net_balance": "cssp.survey.balance",
    "balance_gaps": "cssp.survey.balance",
    "compare_groups": "cssp.survey.compare",
    "ranking_summary": "cssp.survey.ranking",
    "ranking_summaries": "cssp.survey.ranking",
    "option_shares": "cssp.survey.ranking",
    "compare_options": "cssp.survey.ranking",
    "FrequencyTable": "cssp.survey.frequency",
    "add_tables": "cssp.survey.frequency",
    "count_in_chunks": "cssp.survey.chunks",
    "parquet_chunks": "cssp.survey.chunks",
    "describe": "cssp.survey.describe",
    "simultaneous_shares": "cssp.survey.describe",
    "bootstrap_balances": "cssp.survey.bootstrap",
    "compare_many": "cssp.survey.omnibus",
    "dunn_test": "cssp.survey.omnibus",
    "compare_adjusted": "cssp.survey.adjusted",
    "perception_matrix": "cssp.survey.perception",
    "perception_gaps": "cssp.survey.perception",
    "scale_scores": "cssp.survey.scales",
    "reliability": "cssp.survey.scales",
    "item_statistics": "cssp.survey.scales",
    "item_bias": "cssp.survey.scales",
    "ordinal_regression": "cssp.survey.regression",
    "predicted_shares": "cssp.survey.regression",
    "proportional_odds_test": "cssp.survey.regression",
    "kendall_w": "cssp.survey.concordance",
    "ranking_agreement": "cssp.survey.concordance",
    "preferences": "cssp.survey.concordance",
    "options_within": "cssp.survey.concordance",
    "sector_profile": "cssp.survey.profiles",
    "profile_types": "cssp.survey.profiles",
    "profile_sensitivity": "cssp.survey.profiles",
    "detectable_differences": "cssp.survey.power",
    "power_curve": "cssp.survey.power",
    "needed_n": "cssp.survey.power",
    "competence_weights": "cssp.survey.weighting",
    "weighted_balances": "cssp.survey.weighting",
    "compare_weighted": "cssp.survey.weighting",
    "answer_quality": "cssp.survey.quality",
    "quality_summary": "cssp.survey.quality",
    "item_nonresponse": "cssp.survey.quality",
    "respondent_flow": "cssp.survey.quality",
    "witness": "cssp.survey.witness",
    "load_desk": "cssp.desk.load",
    "load_regulation": "cssp.desk.regulation",
    "in_force": "cssp.desk.regulation",
    "per_capita": "cssp.desk.indicators",
    "share_of": "cssp.desk.indicators",
    "ratios": "cssp.desk.indicators",
    "totals": "cssp.desk.indicators",
    "support_shares": "cssp.desk.indicators",
    "support_per_resident": "cssp.desk.indicators",
    "programme_coverage": "cssp.desk.coverage",
    "read_form": "cssp.desk.treasury",
    "npo_spending": "cssp.desk.treasury",
    "load_segments": "cssp.interviews.load",
    "load_interviews": "cssp.interviews.load",
    "load_pseudonyms": "cssp.interviews.load",
    "code_prevalence": "cssp.interviews.coding",
    "prevalence_gaps": "cssp.interviews.coding",
    "all_prevalence_gaps": "cssp.interviews.coding",
    "code_table": "cssp.interviews.coding",
    "agreement": "cssp.interviews.agreement",
    "new_codes": "cssp.interviews.saturation",
    "exemplary_quotations": "cssp.interviews.quotations",
    "joint_display": "cssp.synthesis.joint",
    "theme_indicators": "cssp.synthesis.joint",
    "theme_balances": "cssp.synthesis.joint",
    "theme_prevalence": "cssp.synthesis.joint",
    "group_sizes": "cssp.privacy",
    "visible": "cssp.privacy",
    "shown_respondents": "cssp.privacy",
    "Show": "cssp.show.view",
    "export_tables": "cssp.show.export",
    "Problem": "cssp.problems",
    "CsspError": "cssp.problems",
    "StudyError": "cssp.problems",
    "DataError": "cssp.problems",
    "ScoringError": "cssp.problems",
    "RunError": "cssp.problems",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'cssp' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
