"""Disputed passages decided: read back, resolved, on record."""

from __future__ import annotations

import pandas as pd

from cssp.interviews.coding import prepared
from cssp.interviews.disagreements import DROP, KEEP, key_disagreements, passages, plain_decision
from cssp.interviews.exchange.project import CONSENSUS
from cssp.study.problems import ScoringError, nearest


def _decided(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return each passage's decision in plain form; refuse two that differ."""
    if absent := [name for name in ("passage", "decision") if name not in decisions]:
        raise ScoringError(f"The decisions have no column '{absent[0]}'.")
    rows = decisions.assign(
        decision=[plain_decision(value) for value in decisions["decision"]]
    ).drop_duplicates(["passage", "decision"])
    if bad := [value for value in rows["decision"] if value not in (KEEP, DROP, "")]:
        raise ScoringError(f"'{bad[0]}' is not a decision. {nearest(bad[0], (KEEP, DROP))}")
    rows = rows[(rows["decision"] != "") | ~rows["passage"].duplicated(keep=False)]
    if (twice := rows["passage"].duplicated()).any():
        raise ScoringError(
            f"Two different decisions stand for the passage '{rows.loc[twice, 'passage'].iloc[0]}'."
        )
    return rows.set_index("passage")


def resolve(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    decisions: pd.DataFrame,
    coder: str = CONSENSUS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the codings of the consensus.

    And the record of how each passage came to be kept or discarded.

    What all coders of an interview marked is kept without discussion; a disputed passage as
    decided. A passage spans from the first to the last
    character that anybody marked.

    Parameters
    ----------
    segments, interviews : what was coded
    decisions : `passage, decision`, from `read_decisions`
    coder : under whose name the consensus goes

    Returns
    -------
    the segment table of the consensus (`city, interview, coder, code, start, end, quotation`), and
    the record: `passage, city, interview, code, start, end,
    marked_by, not_marked_by, status` (agreed, kept, discarded, open), `note`. An open passage is
    not in the consensus.

    Raises
    ------
    ScoringError
        A decision about a passage that is not disputed: the codings have changed since the list was
        made.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> from cssp import disagreements
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> decisions = disagreements(segments, interviews).assign(decision="no")
    >>> agreed, _ = resolve(segments, interviews, decisions)
    >>> agreed["coder"].unique().tolist()
    ['consensus']
    """
    found = passages(segments, interviews)
    found["passage"] = [key_disagreements(row) for row in found.itertuples()]
    if coder in set(segments["coder"]):
        raise ScoringError(f"'{coder}' is one of the coders; give the consensus a name of its own.")
    choices = _decided(decisions)
    disputed = set(found.loc[~found["agreed"], "passage"])
    strange = [name for name, row in choices.iterrows() if name not in disputed and row["decision"]]
    if strange:
        raise ScoringError(
            f"A decision stands for the passage '{strange[0]}', which is not disputed here. The "
            "list was made from other codings, or from the same under other names; make it anew "
            "from these."
        )
    decided = choices["decision"].to_dict()
    status = {KEEP: "kept", DROP: "discarded", "": "open"}
    found["status"] = [
        "agreed" if agreed else status[decided.get(name, "")]
        for name, agreed in zip(found["passage"], found["agreed"], strict=True)
    ]
    notes = choices["note"].to_dict() if "note" in choices else {}
    found["note"] = [notes.get(name, "") for name in found["passage"]]
    texts = prepared(segments, interviews)[1].set_index(["city", "interview"])["text"].to_dict()
    kept = found[found["status"].isin(["agreed", "kept"])]
    consensus = kept[["city", "interview", "code", "start", "end"]].reset_index(drop=True)
    consensus.insert(2, "coder", coder)
    consensus["quotation"] = [
        text[start:end] if isinstance(text := texts.get((city, interview)), str) else ""
        for city, interview, start, end in zip(
            consensus["city"],
            consensus["interview"],
            consensus["start"],
            consensus["end"],
            strict=True,
        )
    ]
    record = found[
        [
            "passage",
            "city",
            "interview",
            "code",
            "start",
            "end",
            "marked_by",
            "not_marked_by",
            "status",
            "note",
        ]
    ]
    return consensus, record.assign(
        marked_by=record["marked_by"].map("; ".join),
        not_marked_by=record["not_marked_by"].map("; ".join),
    )
