"""Tests of `interviews/readings`."""

from __future__ import annotations

import cssp
from cssp.interviews import code_readings, figures
from cssp.show.labels import Labels


def test_readings_mark_codes_of_low_agreement(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    agreed = cssp.agreement(segments, interviews, study.codes)
    prevalence = cssp.with_agreement(
        cssp.code_prevalence(segments, interviews, study.codes), agreed
    )
    leaves = prevalence[prevalence["code"].isin(study.codes.leaves)]
    labels = Labels(study, "en")
    text = code_readings.prevalence(leaves, labels)
    for name, alpha in agreed.set_index("code")["alpha"].items():
        if name in study.codes.leaves and f"{labels.code(str(name))} (" in text:
            assert (f"{labels.code(str(name))} (alpha only {alpha:.2f})" in text) == (
                alpha < 0.667
            ), name
    assert "alpha only" in text
    drawn = figures.prevalence_dots(leaves, labels).figure.axes[0]
    marked = [text.get_text() for text in drawn.get_yticklabels() if text.get_text().endswith("*")]
    assert len(marked) == leaves.loc[leaves["alpha"] < 0.667, "code"].nunique() > 0
    assert "alpha below .667" in drawn.get_xlabel().replace("\n", " ")
    plain = figures.prevalence_dots(leaves.drop(columns=["alpha", "note"]), labels).figure.axes[0]
    assert (
        "*" not in "".join(text.get_text() for text in plain.get_yticklabels()) + plain.get_xlabel()
    )
