"""The blocks of a form's sheets joined to one table."""

from __future__ import annotations

import numpy as np

from cssp.desk.treasury.checks import Lines
from cssp.desk.treasury.layout import AGAIN, MEASURES, Block
from cssp.study.problems import DataError, Problem


def joined(shown: str, blocks: list[Block]) -> Lines:
    """Put approved and executed amounts beside each other, line by line."""
    by_measure: dict[str, list[Block]] = {
        measure: [b for b in blocks if b.measure == measure] for measure in MEASURES
    }
    parts = {}
    for measure, own in by_measure.items():
        keys = [key for block in own for key in block.keys]
        rows = np.concatenate([block.rows for block in own])
        places = own[0].places
        if any(block.places != places for block in own[1:]):
            raise DataError(
                Problem(
                    shown,
                    f"The {measure} amounts have other columns from one page to the next.",
                    AGAIN,
                )
            )
        parts[measure] = (
            keys,
            rows,
            places,
            np.concatenate([b.amounts for b in own]),
            [n for b in own for n in b.names],
        )
    keys, rows, places, approved, names = parts["approved"]
    keys_e, rows_e, places_e, executed, names_e = parts["executed"]
    for found, numbers in ((keys, rows), (keys_e, rows_e)):
        first: dict[tuple[str, str, str], int] = {}
        for place, key in enumerate(found):
            if key in first:
                raise DataError(
                    Problem(
                        shown,
                        f"The line {' '.join(key) or '200'} stands there twice; the other is on "
                        f"row {numbers[first[key]]}.",
                        AGAIN,
                        row=int(numbers[place]),
                        value=" ".join(key),
                    )
                )
            first[key] = place
    if ("", "", "") not in keys or ("", "", "") not in keys_e:
        raise DataError(
            Problem(shown, "The form has no line 200 with the grand total of expenditure.", AGAIN)
        )
    if set(places) != set(places_e):
        raise DataError(
            Problem(shown, "Approved and executed amounts have different columns.", AGAIN)
        )
    executed = executed[:, [places_e.index(place) for place in places]]
    if keys != keys_e:  # a line may have a plan and no execution, or the reverse
        union = list(dict.fromkeys([*keys, *keys_e]))
        where, where_e = ({key: i for i, key in enumerate(k)} for k in (keys, keys_e))
        names = [names[where[k]] if k in where else names_e[where_e[k]] for k in union]
        rows = np.array([rows[where[k]] if k in where else rows_e[where_e[k]] for k in union])
        approved, executed = (
            np.array([a[w[k]] if k in w else np.zeros(a.shape[1]) for k in union])
            for a, w in ((approved, where), (executed, where_e))
        )
        keys = union
    return Lines(keys, names, rows, places, np.stack([approved, executed], axis=2))
