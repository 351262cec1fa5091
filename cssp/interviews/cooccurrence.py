"""What goes together: how often two codes meet, in segments or interviews, against what chance would bring."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from cssp.codebook import CodeSystem
from cssp.corrections import adjust
from cssp.interviews.coding import named_by_interview, naming_table
from cssp.interviews.disagreements import CONSENSUS
from cssp.interviews.units import QUESTION, judgements, units, with_city
from cssp.problems import ScoringError, nearest

Where = Literal["segment", "overlap", "answer", "interview"]
WHERE: tuple[Where, ...] = ("segment", "overlap", "answer", "interview")

#: What is counted at each.
COUNTED = {
    "segment": "segments",
    "overlap": "pairs of segments",
    "answer": "answers",
    "interview": "interviews",
}


def co_occurrence(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    where: Where = "interview",
    rule: Literal["any", "all"] = "all",
    permutations: int = 2000,
    seed: int = 20240101,
    answers: pd.DataFrame | None = None,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Return how often each two codes meet, and how probable as many meetings are if codes were placed at random.

    Counted in segments, answers or interviews, never in characters:

    - `segment`: places that a coder marked with both codes (the same span); the count is of spans, over all coders;
    - `overlap`: pairs of segments of one coder, one of each code, that share a character;
    - `answer`, `interview`: answers, or interviews, that name both, by the `rule` of naming.

    The chance model keeps how often each code occurs and shuffles where: over interviews within each city (`interview`), over the answers of each
    interview (`answer`), or over the marked segments of each interview and coder (`segment`, `overlap`: the codes are dealt anew to the
    segments). p is the share of shuffles with at least as many meetings, the observed one among them; with many pairs, `p_adjusted` is Holm's.

    Parameters
    ----------
    segments, interviews, codes : as loaded; codes at the bottom of the hierarchy
    where : "segment", "overlap", "answer" or "interview"
    rule : for answers and interviews, named when "all" coders marked it or "any" of them
    permutations, seed : of the chance model
    answers, question : how answers are told (see `units`)

    Returns
    -------
    One row a pair that meets at least once or could: `code, with_code, where, counted, together, n_code, n_with, n, expected` (mean of the shuffles),
    `jaccard` (together / either; missing for overlap), `p, p_adjusted`; the most often together first.

    Raises
    ------
    ScoringError
        An unknown `where`, or a negative number of permutations.
    """
    if where not in WHERE:
        raise ScoringError(f"'{where}' is not a way to meet. {nearest(str(where), WHERE)}")
    if permutations < 0:
        raise ScoringError("The number of permutations cannot be negative.")
    leaves = codes.leaves
    rng = np.random.default_rng(seed)
    segments = segments[segments["coder"] != CONSENSUS] if segments["coder"].nunique() > 1 else segments
    if where == "interview":
        named = named_by_interview(naming_table(with_city(segments), with_city(interviews), codes), rule)[
            leaves
        ]
        grid, blocks = named.to_numpy(), pd.factorize(named.index.get_level_values("city"))[0]
    elif where == "answer":
        told = judgements(units(segments, interviews, "answer", answers=answers, question=question), segments, interviews, codes)  # fmt: skip
        kept = [told.codes.index(code) for code in leaves]
        yes = told.yes[:, :, kept]
        judged = told.coded[:, :, None]
        grid = (
            (yes | ~judged).all(axis=1) & judged.any(axis=1) if rule == "all" else (yes & judged).any(axis=1)
        )
        blocks = told.interview
    else:
        return _by_segment(with_city(segments), leaves, where, permutations, rng)
    observed, expected, above = _shuffled(grid, blocks, permutations, rng)
    count = grid.sum(axis=0)
    either = count[:, None] + count[None, :] - observed
    return _pairs(leaves, where, observed, count, len(grid), expected, above, permutations, either)


def _shuffled(grid: np.ndarray, blocks: np.ndarray, permutations: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Shuffle each code's marks within blocks; return observed meetings, their mean by chance, and how often chance brings as many."""
    marks = grid.astype(float)
    observed = marks.T @ marks
    total, above = np.zeros_like(observed), np.zeros_like(observed)
    order = np.argsort(blocks, kind="stable")
    marks, block = marks[order], blocks[order]
    for _ in range(permutations):
        # each column is ordered anew within its block by its own random keys
        keys = rng.random(marks.shape) + block[:, None]
        shuffled = np.take_along_axis(marks, np.argsort(keys, axis=0), axis=0)
        meet = shuffled.T @ shuffled
        total += meet
        above += meet >= observed
    return observed, total / max(permutations, 1), above


def _by_segment(segments: pd.DataFrame, leaves: list[str], where: Where, permutations: int, rng: np.random.Generator) -> pd.DataFrame:  # fmt: skip
    own = segments[segments["code"].isin(leaves)].drop_duplicates(
        ["city", "interview", "coder", "code", "start", "end"]
    )
    code = pd.Index(leaves).get_indexer(own["code"])
    block = own.groupby(["city", "interview", "coder"], sort=False).ngroup().to_numpy()
    order = np.argsort(block, kind="stable")
    code, block = code[order], block[order]
    start, end = own["start"].to_numpy()[order], own["end"].to_numpy()[order]
    first, second = _meetings(start, end, block, where)
    size = len(leaves)

    def meet(dealt: np.ndarray) -> np.ndarray:
        a, b = dealt[first], dealt[second]
        flat = np.bincount(np.minimum(a, b) * size + np.maximum(a, b), minlength=size * size)
        return flat.reshape(size, size).astype(float)

    observed = meet(code)
    total, above = np.zeros_like(observed), np.zeros_like(observed)
    for _ in range(permutations):
        dealt = code[np.argsort(rng.random(len(code)) + block)]
        found = meet(dealt)
        total += found
        above += found >= observed
    count = np.bincount(code, minlength=size)
    if where == "segment":
        spans = own.drop_duplicates(["city", "interview", "coder", "start", "end"])
        either = count[:, None] + count[None, :] - observed
        return _pairs(leaves, where, observed, count, len(spans), total / max(permutations, 1), above, permutations, either)  # fmt: skip
    return _pairs(
        leaves, where, observed, count, len(own), total / max(permutations, 1), above, permutations, None
    )


def _meetings(
    start: np.ndarray, end: np.ndarray, block: np.ndarray, where: Where
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of segments of one coder and interview that lie on the same span, or share a character."""
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
    leaves: list[str], where: Where, observed: np.ndarray, count: np.ndarray, n: int, expected: np.ndarray, above: np.ndarray,
    permutations: int, either: np.ndarray | None,
) -> pd.DataFrame:  # fmt: skip
    used = np.flatnonzero(count > 0)
    first, second = np.triu_indices(len(used), 1)
    first, second = used[first], used[second]
    table = pd.DataFrame(
        {
            "code": [leaves[at] for at in first], "with_code": [leaves[at] for at in second], "where": where, "counted": COUNTED[where],
            "together": observed[first, second].astype("int64"), "n_code": count[first].astype("int64"), "n_with": count[second].astype("int64"), "n": n,
            "expected": expected[first, second] if permutations else np.nan,
            "jaccard": np.nan if either is None else observed[first, second] / np.maximum(either[first, second], 1),
            "p": (above[first, second] + 1) / (permutations + 1) if permutations else np.nan,
        }
    )  # fmt: skip
    table["p_adjusted"] = adjust(table["p"].to_numpy(), "holm")
    return table.sort_values(["together", "jaccard"], ascending=False, kind="stable", ignore_index=True)


def code_clusters(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    groups: int = 4,
    rule: Literal["any", "all"] = "all",
) -> pd.DataFrame:
    """Group codes by how often the same interviews name them: average linkage of Jaccard distances.

    An exploration, not a finding: with few interviews the groups change when one interview does. Codes that nobody names are left out.

    Returns
    -------
    One row a code in the order of the tree: `code, cluster` (1, 2, ...), `n` (interviews naming it).
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import pdist

    if groups < 1:
        raise ScoringError("The number of groups of codes must be 1 or more.")
    named = named_by_interview(naming_table(with_city(segments), with_city(interviews), codes), rule)[
        codes.leaves
    ]
    used = [code for code in codes.leaves if named[code].any()]
    if len(used) < 2:
        return pd.DataFrame({"code": used, "cluster": [1] * len(used), "n": [int(named[code].sum()) for code in used]})  # fmt: skip
    tree = linkage(pdist(named[used].to_numpy().T, "jaccard"), "average")
    cluster = fcluster(tree, groups, "maxclust")
    order = leaves_list(tree)
    number = {old: new for new, old in enumerate(dict.fromkeys(cluster[order]), start=1)}
    return pd.DataFrame(
        {"code": [used[at] for at in order], "cluster": [number[cluster[at]] for at in order], "n": [int(named[used[at]].sum()) for at in order]}
    )  # fmt: skip
