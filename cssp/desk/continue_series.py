"""Series of territories that became others, continued under their successors."""

from __future__ import annotations

import pandas as pd

from cssp.desk.load import COLUMNS
from cssp.desk.regulation import as_date
from cssp.stats.columns import returns
from cssp.study.indicator_book import additive


@returns(*COLUMNS)
def continue_series(desk: pd.DataFrame, successors: pd.DataFrame) -> pd.DataFrame:
    """Let the series of territories that became others go on under the successor's name and kind.

    A territory with one successor goes on with a note. Several that merged are added up where every
    one of them has the value and the
    successor has none of that year (sums of roubles, persons, ...; not of shares, percentages or
    yes/no, which are left as they were). One that was
    split between several successors does not go on: nothing says which part is whose.

    Parameters
    ----------
    desk : table from `load_desk`
    successors : table from `load_successors`

    Returns
    -------
    `desk` with changed rows for the years before the change: `municipality`, `kind` and `oktmo` of
    the successor, `note` ("before DATE: NAME").

    Examples
    --------
    >>> from cssp import load_desk, load_study, load_successors
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> len(continue_series(desk, load_successors(study))) <= len(desk)
    True
    """
    if desk.empty or successors.empty:
        return desk
    whole = desk.reset_index(drop=True)
    changes = successors.fillna("").assign(day=[as_date(text) for text in successors["date"]])
    changes = changes.sort_values("day", kind="stable")
    heirs = changes.assign(heir=changes["after"] + "\x00" + changes["kind_after"])
    split = heirs.groupby(["city", "before", "kind_before"])["heir"].transform("nunique") > 1
    for row in changes[split].drop_duplicates(["city", "before", "kind_before"]).to_dict("records"):
        own = _rows_of(whole, row["city"], row["before"], row["kind_before"], row["day"])
        whole["note"] = whole["note"].where(
            ~own, _joined(whole["note"], f"ends {row['day']}: split between several territories")
        )
    whole_groups = changes[~split].groupby(["city", "after", "kind_after", "day"], sort=False)
    for (city, after, kind, day), group in whole_groups:
        whole = _continued(whole, str(city), str(after), str(kind), day, group)
    return whole


def _rows_of(desk: pd.DataFrame, city: str, name: str, kind: str, day: object) -> pd.Series:
    """Tell which rows are of a territory (of any kind, where none is told) from before a day."""
    first = getattr(day, "year", 0) + (getattr(day, "month", 1) > 1)
    before = (desk["year"].astype("Int64") < first).fillna(False).astype(bool)
    own = desk["city"].eq(city) & desk["municipality"].eq(name) & before
    return own & desk["kind"].eq(kind) if kind else own


def _joined(notes: pd.Series, note: str) -> pd.Series:
    return notes.where(notes == "", notes + "; ") + note


def _continued(
    desk: pd.DataFrame, city: str, after: str, kind: str, day: object, group: pd.DataFrame
) -> pd.DataFrame:
    """Let one territory's series go on.

    Or add up those of several that merged where every one of them has a value.
    """
    members = group[["before", "kind_before"]].drop_duplicates().to_numpy().tolist()
    which = pd.Series(-1, index=desk.index)
    for number, (name, kind_before) in enumerate(members):
        which = which.mask(_rows_of(desk, city, name, kind_before, day), number)
    rows, rest = desk[which >= 0], desk[which < 0]
    if rows.empty:
        return desk
    key = ["level", "year", "indicator", "basis", "unit"]
    merged = []
    for _, part in rows.groupby(key, sort=False, observed=True):
        row = part.iloc[0].copy()
        taken = rest[
            (rest[key] == part.iloc[0][key]).all(axis=1)
            & rest["city"].eq(city)
            & rest["municipality"].eq(after)
            & rest["kind"].eq(kind or row["kind"])
        ]
        summed = additive(str(row["unit"])) or len(members) == 1
        # every predecessor once, none of them twice
        if len(taken) or not summed or sorted(which[part.index]) != list(range(len(members))):
            merged.append(part.assign(note=_joined(part["note"], f"not continued in {after}")))
            continue
        if len(part) > 1:
            row["value"] = part["value"].sum(skipna=False)
            row["status"] = "derived" if pd.notna(row["value"]) else "unknown"
            row["source"] = "; ".join(dict.fromkeys(part["source"]))
        names = " + ".join(dict.fromkeys(part["municipality"]))
        row["note"] = "; ".join(filter(None, [row["note"], f"before {day}: {names}"]))
        row["municipality"], row["kind"] = after, kind or row["kind"]
        row["oktmo"] = next(iter(group["oktmo_after"]), "") or ""
        merged.append(row.to_frame().T.astype(desk.dtypes.to_dict()))
    return pd.concat([rest, *merged]).sort_index(kind="stable").reset_index(drop=True)
