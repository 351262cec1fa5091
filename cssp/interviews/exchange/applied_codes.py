"""Tables with a column a code, as Dedoose exports its excerpts."""

from __future__ import annotations

import re
from dataclasses import replace

from cssp.tables.raw import RawTable

_APPLIED = re.compile(r"^Code:\s*(?P<name>.+?)\s+Applied$", re.IGNORECASE)
_BESIDE = re.compile(r"^Code:\s*.+\s+(?:Range|Weight)$|^Codes Applied Combined$", re.IGNORECASE)
_YES = ("true", "1", "yes", "x", "да", "истина")


def with_one_code_column(raw: RawTable) -> RawTable:
    """Return a table whose columns "Code: NAME Applied" have become one, a line each code.

    A table without such columns stays as it is. Ranges and weights of codes go.

    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame({"Media Title": ["i1"], "Code: money Applied": ["True"],
    ...     "Code: people Applied": ["True"], "Codes Applied Combined": ["money, people"]})
    >>> raw = RawTable("excerpts.csv", data, np.array([2]))
    >>> with_one_code_column(raw).data.to_numpy().tolist()
    [['i1', 'money\\npeople']]
    """
    applied = {name: match["name"] for name in raw.data if (match := _APPLIED.match(str(name)))}
    if not applied:
        return raw
    data = raw.data.drop(
        columns=[name for name in raw.data if name in applied or _BESIDE.match(str(name))]
    )
    marks = (
        raw.data[list(applied)].fillna("").astype(str).apply(lambda c: c.str.strip().str.lower())
    )
    data["Code"] = [
        "\n".join(code for code, mark in zip(applied.values(), row, strict=True) if mark in _YES)
        for row in marks.itertuples(index=False)
    ]
    return replace(raw, data=data)
