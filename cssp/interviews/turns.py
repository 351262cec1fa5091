"""Who says what in an interview: its turns, and a group interview speaker by speaker.

A text says it itself: a turn begins on a line with its speaker's label and a colon, and lasts until
the next one does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from cssp.interviews.coding import prepared
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError

INTERVIEWER, RESPONDENT, OTHER = "interviewer", "respondent", "other"
ROLES = (INTERVIEWER, RESPONDENT, OTHER)

Turn = tuple[str, int, int]


def turn_places(text: str, speakers: Mapping[str, str]) -> list[Turn]:
    """Return the turns of a text: speaker, start and end of what they say, without the label.

    What stands before the first label is nobody's turn. An empty turn is left out.

    >>> turn_places("Q: Why?\\nA: No money.\\nNo people.", {"Q": "interviewer", "A": "respondent"})
    [('Q', 3, 7), ('A', 11, 31)]
    """
    if not speakers:
        return []
    names = "|".join(re.escape(name) for name in sorted(speakers, key=len, reverse=True))
    found = list(re.finditer(rf"^[ \t]*({names})[ \t]*:", text, re.MULTILINE))
    turns = []
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        said = text[match.end() : end]
        if bare := said.strip():
            start = match.end() + said.index(bare)
            turns.append((match[1], start, start + len(bare)))
    return turns


def answers_of(text: str, speakers: Mapping[str, str]) -> list[list[int]]:
    """Return where the answers lie: what stands between two turns of the interviewer.

    >>> answers_of("Q: Why?\\nA: No money.\\nB: Yes.\\nQ: And?", {"Q": "interviewer",
    ...     "A": "respondent", "B": "respondent"})
    [[11, 28]]
    """
    spans: list[list[int]] = []
    follows = False
    for speaker, start, end in turn_places(text, speakers):
        own = speakers[speaker] == RESPONDENT
        if own and follows:
            spans[-1][1] = end
        elif own:
            spans.append([start, end])
        follows = own or (follows and speakers[speaker] == OTHER)
    return spans


@returns(
    "city",
    "interview",
    Column("turn", "turn", "whole"),
    Column("speaker", "speaker", "text"),
    Column("role", "role", "word"),
    "start",
    "end",
    "words",
)
def turns(interviews: pd.DataFrame) -> pd.DataFrame:
    """Return the turns of interviews whose speakers are known.

    Parameters
    ----------
    interviews : `[city], interview, text, speakers` (label -> interviewer, respondent or other), as
        `load_interviews` gives them where city.yaml names `speakers`

    Returns
    -------
    One row a turn: `city, interview, turn` (1, 2, ...), `speaker, role, start, end` (places of what
    is said, without the label), `words`. Give the rows of respondents to `units(..., by="answer",
    answers=...)`, and turns are what is compared.

    Raises
    ------
    ScoringError
        The table does not say who speaks.

    Examples
    --------
    >>> one = pd.DataFrame({"interview": ["i1"], "text": ["Q: Why?\\nA: No money."],
    ...     "speakers": [{"Q": "interviewer", "A": "respondent"}]})
    >>> turns(one)[["speaker", "role", "words"]].to_numpy().tolist()
    [['Q', 'interviewer', 1], ['A', 'respondent', 2]]
    """
    known = prepared(pd.DataFrame(columns=_SEGMENT), _with_speakers(interviews))[1]
    rows = []
    for row in known.itertuples():
        places = turn_places(row.text, row.speakers) if isinstance(row.text, str) else []
        for number, (speaker, start, end) in enumerate(places, 1):
            role, words = row.speakers[speaker], len(row.text[start:end].split())
            rows.append((row.city, row.interview, number, speaker, role, start, end, words))
    columns = ["city", "interview", "turn", "speaker", "role", "start", "end", "words"]
    return pd.DataFrame(rows, columns=columns)


_SEGMENT = ["city", "interview", "coder", "code", "start", "end"]


def _with_speakers(interviews: pd.DataFrame) -> pd.DataFrame:
    if "speakers" not in interviews:
        raise ScoringError(
            "The table of interviews does not say who speaks: name 'speakers' in city.yaml, or "
            "give it a column 'speakers' (label -> interviewer, respondent or other)."
        )
    return interviews


def by_speaker(
    segments: pd.DataFrame, interviews: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut group interviews up, so that each speaker counts as an interview of their own.

    Where several respondents speak, "named by 3 of 12" should count people, not sessions. Each
    respondent gets a text of their own turns; what was coded in them goes along, cut at the turn's
    ends, and what was coded in the interviewer's turns stays behind.

    Parameters
    ----------
    segments, interviews : tables from `load_coded`, with a column `speakers` in the interviews

    Returns
    -------
    The two tables, for any measure: an interview of several respondents is named "interview:
    speaker", one of a single respondent keeps its name.

    Raises
    ------
    ScoringError
        The table does not say who speaks.

    Examples
    --------
    >>> one = pd.DataFrame({"city": ["x"], "interview": ["g"], "text": ["A: No money.\\nB: Yes."],
    ...     "speakers": [{"A": "respondent", "B": "respondent"}]})
    >>> marked = pd.DataFrame({"city": "x", "interview": "g", "coder": "c", "code": ["money"],
    ...     "start": [3], "end": [12]})
    >>> cut, known = by_speaker(marked, one)
    >>> known["interview"].tolist(), cut[["interview", "start", "end"]].to_numpy().tolist()
    (['g: A', 'g: B'], [['g: A', 0, 9]])
    """
    segments, known = prepared(segments, _with_speakers(interviews))
    said = turns(known)
    said = said[said["role"] == RESPONDENT]
    people = said.groupby(["city", "interview"])["speaker"].nunique()
    several = people.reindex(pd.MultiIndex.from_frame(said[["city", "interview"]])).to_numpy() > 1
    said["own"] = said["interview"].where(~several, said["interview"] + ": " + said["speaker"])
    lengths = said["end"] - said["start"] + 1  # a line end after each turn
    said["moved"] = lengths.groupby([said["city"], said["own"]]).cumsum() - lengths
    texts = known.set_index(["city", "interview"])["text"]
    pieces = [
        texts[city, interview][start:end]
        for city, interview, start, end in said[["city", "interview", "start", "end"]].itertuples(
            index=False
        )
    ]
    joined = (
        said.assign(piece=pieces)
        .groupby(["city", "interview", "own", "speaker"], sort=False)["piece"]
        .agg("\n".join)
        .reset_index()
    )
    own = joined.merge(known.drop(columns=["text", "speakers"]), on=["city", "interview"])
    own = own.assign(interview=own["own"], text=own["piece"]).drop(columns=["own", "piece"])
    if "words" in own:
        own["words"] = own["text"].str.split().str.len()
    met = segments.merge(
        said[["city", "interview", "own", "start", "end", "moved"]],
        on=["city", "interview"],
        suffixes=("", "_turn"),
    )
    start = met[["start", "start_turn"]].max(axis=1)
    end = met[["end", "end_turn"]].min(axis=1)
    shift = met["moved"] - met["start_turn"]
    cut = met.assign(interview=met["own"], start=start + shift, end=end + shift)[end > start]
    cut = cut[list(segments.columns)].reset_index(drop=True)
    if "quotation" in cut:
        whole = own.set_index(["city", "interview"])["text"]
        cut["quotation"] = [
            whole[row.city, row.interview][row.start : row.end] for row in cut.itertuples()
        ]
    return cut, own
