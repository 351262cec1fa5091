"""One coder at two times, and a choice of coders."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cssp.interviews.coding import prepared
from cssp.study.problems import ScoringError, nearest


def select(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    cities: Iterable[str] | None = None,
    names: Iterable[str] | None = None,
    coders: Iterable[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return segments and interviews of some cities, interviews (by name) and coders.

    What is left out stays.

    Parameters
    ----------
    names : names of interviews; None: all

    Raises
    ------
    ScoringError
        A city, interview or coder that is not there.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> own, _ = select(segments, interviews, coders=["A"])
    >>> own["coder"].unique().tolist()
    ['A']
    """
    marked, texts = prepared(segments, interviews)
    known = {
        "city": set(texts["city"]),
        "interview": set(texts["interview"]),
        "coder": set(marked["coder"]) | {coder for who in texts["coders"] for coder in who},
    }
    for column, wanted in (("city", cities), ("interview", names), ("coder", coders)):
        if wanted is None:
            continue
        chosen = list(wanted)
        if strange := [name for name in chosen if name not in known[column]]:
            raise ScoringError(
                f"There is no {column} '{strange[0]}'. {nearest(strange[0], known[column])}"
            )
        marked = marked[marked[column].isin(chosen)]
        if column == "coder":
            texts = texts.assign(
                coders=[[who for who in own if who in chosen] for own in texts["coders"]]
            )
        else:
            texts = texts[texts[column].isin(chosen)]
    return marked.reset_index(drop=True), texts.reset_index(drop=True)


def at_two_times(
    first: tuple[pd.DataFrame, pd.DataFrame], second: tuple[pd.DataFrame, pd.DataFrame], coder: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one coder's codings of two times as those of two coders.

    For agreement within the coder.

    Parameters
    ----------
    first, second : segments and interviews of each time
    coder : whose; interviews that they coded at both times are kept

    Returns
    -------
    segments and interviews with the coders "CODER (1)" and "CODER (2)", to be given to `agreement`

    Raises
    ------
    ScoringError
        The coder has no interview that was coded at both times.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> own, both = at_two_times((segments, interviews), (segments, interviews), "A")
    >>> own["coder"].unique().tolist()
    ['A (1)', 'A (2)']
    """
    marked, texts = [], []
    for number, (segments, interviews) in enumerate((first, second), start=1):
        own, kept = select(segments, interviews, coders=[coder])
        marked.append(own.assign(coder=f"{coder} ({number})"))
        texts.append(kept[np.array([coder in who for who in kept["coders"]], dtype=bool)])
    both = texts[0].merge(texts[1][["city", "interview"]], on=["city", "interview"])
    if both.empty:
        raise ScoringError(f"'{coder}' coded no interview at both times.")
    joined = pd.concat(marked, ignore_index=True).merge(
        both[["city", "interview"]], on=["city", "interview"]
    )
    return joined, both.assign(coders=[[f"{coder} (1)", f"{coder} (2)"] for _ in range(len(both))])
