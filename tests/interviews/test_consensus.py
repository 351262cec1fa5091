"""Tests of `interviews/consensus`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_tables import INTERVIEWS, SEGMENTS, STUDY

import cssp
from cssp import DataError, ScoringError


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_decisions_go_out_and_come_back_as_a_consensus(kind, tmp_path):
    segments, interviews = cssp.select(SEGMENTS, INTERVIEWS, cities=["vologda"])
    table = cssp.disagreements(segments, interviews)
    path = cssp.write_disagreements(table, tmp_path / f"list.{kind}")
    empty = cssp.read_decisions(path)
    assert empty["passage"].tolist() == table["passage"].tolist()
    consensus, record = cssp.resolve(segments, interviews, empty)
    assert record["status"].value_counts().to_dict() == {
        "agreed": len(record) - len(table),
        "open": len(table),
    }
    told = table.assign(decision=["keep", "Drop", *[""] * (len(table) - 2)], note="talked over")
    cssp.write_disagreements(told, path)
    consensus, record = cssp.resolve(segments, interviews, cssp.read_decisions(path))
    told_status = record.set_index("passage")["status"]
    assert told_status[table["passage"][0]] == "kept"
    assert told_status[table["passage"][1]] == "discarded"
    assert len(consensus) == (told_status.isin(["agreed", "kept"])).sum()
    assert set(consensus["coder"]) == {"consensus"}
    assert len(record) == len(cssp.passages(segments, interviews)), (
        "what was discarded stays on record"
    )
    project = cssp.study_project(STUDY, ["vologda"])
    from cssp.interviews.exchange.project import new_guid

    names = dict(zip(project.codes["guid"], project.codes["code"], strict=True))
    marks = consensus.assign(code=[names[new_guid("code", code)] for code in consensus["code"]])
    extended = cssp.add_codings(project, marks)
    assert len(extended.codings) == len(project.codings) + len(consensus)
    assert "consensus" in extended.users["coder"].tolist()
    cssp.write_qdpx(extended, tmp_path / "c.qdpx")
    assert cssp.read_qdpx(tmp_path / "c.qdpx").segments.equals(extended.segments)
    assert len(cssp.add_codings(extended, marks).codings) == len(extended.codings), (
        "what is there is left as it is"
    )
    # the consensus is no third opinion: it is told apart unless it is asked for
    assert set(cssp.project_tables(extended)[0]["coder"]) == {"A", "B"}
    assert set(cssp.project_tables(extended, coders=["consensus"])[0]["coder"]) == {"consensus"}
    # from a project's own tables to its own consensus, under the names that the tables have
    own, texts = cssp.project_tables(project)
    settled, _ = cssp.resolve(own, texts, cssp.disagreements(own, texts).assign(decision="drop"))
    assert len(cssp.add_codings(project, settled).codings) == len(project.codings) + len(settled)


def test_decisions_that_do_not_fit(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("passage,decision\nv01:0-1:x,maybe\n", encoding="utf-8")
    with pytest.raises(DataError, match="'maybe' is no decision"):
        cssp.read_decisions(path)
    path.write_text("passage\nv01:0-1:x\n", encoding="utf-8")
    with pytest.raises(DataError, match="decision"):
        cssp.read_decisions(path)
    strange = pd.DataFrame({"passage": ["v99:0-1:x"], "decision": ["keep"]})
    with pytest.raises(ScoringError, match="is not disputed"):
        cssp.resolve(SEGMENTS, INTERVIEWS, strange)
    with pytest.raises(ScoringError, match=r"\.csv or \.xlsx"):
        cssp.write_disagreements(cssp.disagreements(SEGMENTS, INTERVIEWS), tmp_path / "list.txt")
    with pytest.raises(DataError, match="has no code"):
        cssp.add_codings(
            cssp.study_project(STUDY),
            pd.DataFrame(
                {"interview": ["x"], "coder": ["A"], "code": ["x"], "start": [0], "end": [1]}
            ),
        )
