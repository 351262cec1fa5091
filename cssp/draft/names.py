"""Names for items and options, made from what stands in a file."""

from __future__ import annotations

import re

from cssp.tables.raw import fold


def name_for(text: str, taken: set[str], kind: str = "q") -> str:
    """Return a name that YAML and the codebook accept, made from a text, and not taken yet.

    >>> taken = set()
    >>> name_for("Trust in NPOs", taken), name_for("trust in npos", taken), name_for("№", taken)
    ('trust_in_npos', 'trust_in_npos_2', 'q1')
    """
    short = re.sub(r"\W+", "_", fold(text)).strip("_")
    short = re.sub(r"_+", "_", short)
    if not short or len(short) > 40:
        short = ""
    if short and not re.match(r"^[A-Za-zА-Яа-яЁё]", short):
        short = f"{kind}_{short}"
    if short in ("respondent", "city", "sector", "wave", "weight", "duration"):
        short = f"{short}_asked"
    base = short or kind
    number, name = 1, base if short else f"{kind}1"
    while name in taken:
        number += 1
        name = f"{base}_{number}" if short else f"{kind}{number}"
    taken.add(name)
    return name
