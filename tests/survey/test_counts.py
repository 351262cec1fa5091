"""Tests of `survey/counts`."""

from __future__ import annotations

import numpy as np
from survey_answers import answered, write_study

import cssp


def test_what_stands_behind_weights_is_cut_and_summed_with_them(tmp_path):
    table = answered(50)
    study = write_study(tmp_path, {"a.csv": table}, {"weight": "weight"}, cities=["town"])
    answers = cssp.load_survey(study).grouped_by("tenure")
    freq = cssp.frequency_table(answers, ["q1", "q2"], ["city", "tenure_group"], "weight")
    whole = cssp.collapse(freq, ["city"])
    again = cssp.frequency_table(answers, ["q1", "q2"], ["city"], "weight")
    for one in ("people", "squares"):
        np.testing.assert_allclose(getattr(whole.behind, one), getattr(again.behind, one))
    part = freq.where(item="q2")
    assert part.behind.people.index.equals(part.index)
    visible = cssp.visible(freq, cssp.group_sizes(answers, ["city", "tenure_group"], 3), 3)
    assert visible.behind.people.index.equals(visible.index)
