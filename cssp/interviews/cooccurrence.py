"""What goes together.

How often two codes meet, in segments or interviews, against what chance would bring.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from cssp.interviews.coding import RULES, named_by_interview, naming_table, prepared
from cssp.interviews.units import QUESTION, judgements, units
from cssp.stats.columns import Column, returns
from cssp.stats.multiple_tests import adjust
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest

Where = Literal["segment", "overlap", "answer", "interview"]
WHERE: tuple[Where, ...] = ("segment", "overlap", "answer", "interview")

#: How many numbers a shuffle holds at once, and how often every segment is offered a swap.
_AT_ONCE = 2_000_000
_SWEEPS = 12

#: What is counted at each.
COUNTED = {
    "segment": "segments",
    "overlap": "pairs of segments",
    "answer": "answers",
    "interview": "interviews",
}


@returns(
    "code",
    "with_code",
    Column("where", "where they meet", "word"),
    Column("counted", "counted", "word"),
    Column("together", "together", "whole"),
    Column("n_code", "the first code", "whole"),
    Column("n_with", "the second code", "whole"),
    "n",
    "expected",
    Column("jaccard", "together / either", "number2"),
    "p",
    "p_adjusted",
)
def co_occurrence(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    where: Where = "interview",
    rule: Literal["any", "all"] = "all",
    permutations: int = 20_000,
    seed: int = 20240101,
    answers: pd.DataFrame | None = None,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Return how often each two codes meet.

    And how probable as many meetings are if codes were placed at random.

    Counted in segments, answers or interviews, never in characters:

    - `segment`: places that a coder marked with both codes (the same span); the count is of spans,
      over all coders;
    - `overlap`: pairs of segments of one coder, one of each code, that share a character;
    - `answer`, `interview`: answers, or interviews, that name both, by the `rule` of naming.

    The chance model keeps how often each code occurs and shuffles where: over interviews within
    each city (`interview`), over the answers of each
    interview (`answer`), or over the marked segments of each interview and coder (`segment`,
    `overlap`: the codes are dealt anew to the segments,
    no span getting one twice). p is the share of shuffles with at least as many meetings: of all
    shuffles, exactly, for interviews and answers; of
    `permutations` random ones, the observed one among them, for segments, where no p is smaller
    than 1 / (permutations + 1). With many pairs,
    `p_adjusted` is Holm's.

    Parameters
    ----------
    segments, interviews, codes : as loaded; codes at the bottom of the hierarchy
    where : "segment", "overlap", "answer" or "interview"
    rule : for answers and interviews, named when "all" coders marked it or "any" of them
    permutations, seed : of the chance model of segments
    answers, question : how answers are told (see `units`)

    Returns
    -------
    One row a pair that meets at least once or could: `code, with_code, where, counted, together,
    n_code, n_with, n, expected` (mean of the shuffles),
    `jaccard` (together / either; missing for overlap), `p, p_adjusted`; the most often together
    first.

    Raises
    ------
    ScoringError
        An unknown `where`, or a negative number of permutations.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = co_occurrence(segments, interviews, study.codes, permutations=200)
    >>> table.columns.tolist()[:2]
    ['code', 'with_code']
    """
    if where not in WHERE:
        raise ScoringError(f"'{where}' is not a way to meet. {nearest(str(where), WHERE)}")
    if permutations < 0:
        raise ScoringError("The number of permutations cannot be negative.")
    if rule not in RULES:
        raise ScoringError(f"'{rule}' is not a rule. {nearest(str(rule), RULES)}")
    leaves = codes.leaves
    rng = np.random.default_rng(seed)
    segments, interviews = prepared(segments, interviews, codes.names)
    if where == "interview":
        named = named_by_interview(naming_table(segments, interviews, codes), rule)[leaves]
        grid, blocks = (
            named.to_numpy(dtype=bool),
            pd.factorize(named.index.get_level_values("city"))[0],
        )
    elif where == "answer":
        judgements_made = judgements(
            units(segments, interviews, "answer", answers=answers, question=question),
            segments,
            interviews,
            codes,
            "answer",
        )
        judgements_made = judgements_made.of(np.asarray(judgements_made.coded.any(axis=1)))
        kept = [judgements_made.codes.index(code) for code in leaves]
        yes, judged = judgements_made.yes[:, :, kept], judgements_made.coded[:, :, None]
        grid = (yes | ~judged).all(axis=1) if rule == "all" else (yes & judged).any(axis=1)
        blocks = judgements_made.interview
    else:
        return _by_segment(segments, leaves, where, permutations, rng)
    observed, expected, p = _exact(grid, blocks)
    count = grid.sum(axis=0)
    either = count[:, None] + count[None, :] - observed
    return _pairs(leaves, where, observed, count, len(grid), expected, p, either)


def _exact(grid: np.ndarray, blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return observed meetings, their mean over all shuffles of each code's marks within blocks.

    And the share of shuffles with as many.

    Within a block the meetings of two codes follow a hypergeometric distribution, and blocks are
    shuffled apart, so the distribution over all
    shuffles is a convolution of those: no sample of shuffles is needed, and no p is bounded by how
    many were drawn.
    """
    marks = grid.astype(float)
    observed = marks.T @ marks
    codes = grid.shape[1]
    number = pd.factorize(blocks)[0]
    sizes = np.bincount(number) if len(number) else np.zeros(0, dtype=int)
    count = np.zeros((len(sizes), codes), dtype=int)
    np.add.at(count, number, grid.astype(int))
    expected = (count[:, :, None] * count[:, None, :] / np.maximum(sizes, 1)[:, None, None]).sum(
        axis=0
    )
    known: dict[tuple[int, int, int], np.ndarray] = {}
    p = np.ones((codes, codes))
    for i in range(codes):
        for j in range(i + 1, codes):
            chances = np.ones(1)
            for n, a, b in zip(sizes, count[:, i], count[:, j], strict=True):
                if a and b:
                    key = (int(n), int(a), int(b))
                    if key not in known:
                        known[key] = hypergeom.pmf(np.arange(min(a, b) + 1), n, a, b)
                    chances = np.convolve(chances, known[key])
            p[i, j] = p[j, i] = min(1.0, float(chances[int(observed[i, j]) :].sum()))
    return observed, expected, p


def _by_segment(
    segments: pd.DataFrame,
    leaves: list[str],
    where: Where,
    permutations: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    own = segments[segments["code"].isin(leaves)].drop_duplicates(
        ["city", "interview", "coder", "code", "start", "end"]
    )
    own = own.sort_values(["city", "interview", "coder", "start", "end"], kind="stable")
    code = pd.Index(leaves).get_indexer(own["code"])
    block = own.groupby(["city", "interview", "coder"], sort=False).ngroup().to_numpy()
    span = (
        own.groupby(["city", "interview", "coder", "start", "end"], sort=False).ngroup().to_numpy()
    )
    first, second = _meetings(own["start"].to_numpy(), own["end"].to_numpy(), block, where)
    size = len(leaves)

    def meet(dealt: np.ndarray) -> np.ndarray:
        a, b = dealt[:, first], dealt[:, second]
        flat = (
            np.minimum(a, b) * size
            + np.maximum(a, b)
            + np.arange(len(dealt))[:, None] * size * size
        )
        return (
            np.bincount(flat.ravel(), minlength=len(dealt) * size * size)
            .reshape(-1, size, size)
            .astype(float)
        )

    observed = meet(code[None])[0]
    total, above = np.zeros_like(observed), np.zeros_like(observed)
    step = max(1, _AT_ONCE // max(len(code) * 4, size * size, 1))
    for done in range(0, permutations, step):
        found = meet(_dealt(code, block, span, min(step, permutations - done), rng))
        total += found.sum(axis=0)
        above += (found >= observed).sum(axis=0)
    count = np.bincount(code, minlength=size)
    mean = total / permutations if permutations else np.full_like(observed, np.nan)
    p = (above + 1) / (permutations + 1) if permutations else np.full_like(observed, np.nan)
    if where == "segment":
        either = count[:, None] + count[None, :] - observed
        return _pairs(leaves, where, observed, count, len(np.unique(span)), mean, p, either)
    return _pairs(leaves, where, observed, count, len(own), mean, p, None)


def _dealt(
    code: np.ndarray, block: np.ndarray, span: np.ndarray, times: int, rng: np.random.Generator
) -> np.ndarray:
    """Deal each block's codes anew to its segments, so that no span gets one code twice.

    Which nothing that was coded has.

    Where every span of a block has one code, any order will do. Else pairs of segments swap their
    codes many times over, unless that would
    put a code twice on a span: every dealing that is allowed comes equally often.

    Returns
    -------
    times x segments
    """
    dealt = code[np.argsort(rng.random((times, len(code))) + block[None, :], axis=1)]
    shared = np.bincount(span)[span] > 1
    tight = np.unique(block[shared])
    if not len(tight):
        return dealt
    rows = np.arange(times)
    for number in tight:
        own = np.flatnonzero(block == number)
        hand = np.tile(code[own], (times, 1))
        spans = span[own]
        mates = [
            np.flatnonzero((spans == spans[at]) & (np.arange(len(own)) != at))
            for at in range(len(own))
        ]
        widest = max(map(len, mates))
        table = np.full((len(own), widest), -1)
        for at, found in enumerate(mates):
            table[at, : len(found)] = found
        padded = np.column_stack([hand, np.full(times, -1)])  # the last column stands for no mate
        for _ in range(_SWEEPS):
            for at in range(len(own)):
                other = rng.integers(0, len(own), times)
                mine, theirs = padded[:, at].copy(), padded[rows, other]
                near = (padded[:, table[at]] == theirs[:, None]).any(axis=1) & (
                    spans[other] != spans[at]
                )
                far = (padded[rows[:, None], table[other]] == mine[:, None]).any(axis=1) & (
                    spans[other] != spans[at]
                )
                swap = ~near & ~far
                padded[rows[swap], other[swap]] = mine[swap]
                padded[swap, at] = theirs[swap]
        dealt[:, own] = padded[:, :-1]
    return dealt


def _meetings(
    start: np.ndarray, end: np.ndarray, block: np.ndarray, where: Where
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of segments of one coder and interview that lie on the same span.

    Or share a character.
    """
    pairs = []
    for number in np.unique(block):
        own = np.flatnonzero(block == number)
        s, e = start[own], end[own]
        if where == "segment":
            hit = (s[:, None] == s[None, :]) & (e[:, None] == e[None, :])
        else:
            hit = (s[:, None] < e[None, :]) & (s[None, :] < e[:, None])
        a, b = np.nonzero(np.triu(hit, 1))
        pairs.append(np.column_stack([own[a], own[b]]))
    both = np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=int)
    return both[:, 0], both[:, 1]


def _pairs(
    leaves: list[str],
    where: Where,
    observed: np.ndarray,
    count: np.ndarray,
    n: int,
    expected: np.ndarray,
    p: np.ndarray,
    either: np.ndarray | None,
) -> pd.DataFrame:
    used = np.flatnonzero(count > 0)
    first, second = np.triu_indices(len(used), 1)
    first, second = used[first], used[second]
    table = pd.DataFrame(
        {
            "code": [leaves[at] for at in first],
            "with_code": [leaves[at] for at in second],
            "where": where,
            "counted": COUNTED[where],
            "together": observed[first, second].astype("int64"),
            "n_code": count[first].astype("int64"),
            "n_with": count[second].astype("int64"),
            "n": n,
            "expected": expected[first, second],
            "jaccard": np.nan
            if either is None
            else observed[first, second] / np.maximum(either[first, second], 1),
            "p": p[first, second],
        }
    )
    table["p_adjusted"] = adjust(table["p"].to_numpy(), "holm")
    return table.sort_values(
        ["together", "jaccard"], ascending=False, kind="stable", ignore_index=True
    )
