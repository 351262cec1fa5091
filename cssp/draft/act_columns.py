"""A list of acts as other people keep it: which column holds what, and where it begins."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from cssp.study.sources import Format
from cssp.tables.raw import RawTable, fold, to_number
from cssp.tables.read import read_rows, read_table

#: Column of the register -> the words of its heading, in any language.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "reference": (r"реквизит|дата и номер|номер и дата|reference",),
    "number": (r"^номер(?! п)|^№ (?!п)|регистрационный номер|^number", r"^№$"),
    "in_force_from": (r"действует с|вступ\w+ в силу|начало действия|in[_ ]force[_ ]from",),
    "in_force_to": (r"действует (?:по|до)|окончание|срок действия|утра\w+ силу|in[_ ]force[_ ]to",),
    "date": (r"^дата (?:прин|утв|подп|акт|док)", r"^дата$|^date"),
    "amended_by": (r"изменени|amended",),
    "act": (r"наименован|название|title", r"нормативн|правовой акт|нпа\b|^акт|^act\b", r"документ"),
    "kind": (r"^вид\b|^тип\b|^kind|^type",),
    "level": (r"уровень|level",),
    "territory": (r"территори|муниципальн|город\b|territory",),
    "instrument": (r"инструмент|форма поддержки|вид поддержки|instrument",),
    "status": (r"статус|состояние|status",),
    "source": (r"источник|ссылка|адрес|url|source",),
    "checked": (r"проверен|дата обращения|checked",),
    "note": (r"примечани|комментари|note",),
}  # fmt: skip
#: A register of money is no list of acts, whatever decisions it names.
_MONEY = re.compile(r"размер|сумм|объем|руб|amount")
_KINDS_OF_ACTS = (
    r"закон|постановлени|распоряжени|решени|указ|приказ|порядок|программ|стратеги|act\b|decree|law"
)


def columns_of_acts(raw: RawTable) -> dict[str, str]:
    """Return which columns of a table hold what of an act; no more than one each.

    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame(columns=["№ п/п", "Наименование акта", "Дата принятия", "Номер"])
    >>> columns_of_acts(RawTable("acts.docx", data, np.array([])))
    {'number': 'Номер', 'date': 'Дата принятия', 'act': 'Наименование акта'}
    """
    found: dict[str, str] = {}
    for what, tiers in _HEADINGS.items():
        for column in (str(one) for words in tiers for one in raw.data.columns
                       if re.search(words, fold(one))):  # fmt: skip
            if column in found.values() or (what == "number" and _counts(raw, column)):
                continue
            found[what] = column
            break
    if "act" not in found and re.search("наименован|название", fold(found.get("reference", ""))):
        found["act"] = found["reference"]
    return found


def _counts(raw: RawTable, column: str) -> bool:
    """Tell whether a column only numbers the rows."""
    told = [to_number(str(cell).rstrip(".")) for cell in raw.data[column] if cell is not None]
    return bool(told) and told == [float(n) for n in range(1, len(told) + 1)]


def is_list_of_acts(raw: RawTable) -> bool:
    """Tell whether a table is a list of acts: what they are called, and their numbers or dates.

    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame({"Название акта": ["Закон"], "Реквизиты": ["от 05.04.2010 № 40-ФЗ"]})
    >>> is_list_of_acts(RawTable("acts.docx", data, np.array([2])))
    True
    """
    found = columns_of_acts(raw)
    if "act" not in found or any(_MONEY.search(fold(column)) for column in raw.data.columns):
        return False
    told = [found["act"], *([found["kind"]] if "kind" in found else [])]
    texts = raw.data[told].dropna(how="all").fillna("").astype(str).agg(" ".join, axis=1)
    named = texts.map(fold).str.contains(_KINDS_OF_ACTS).mean() if len(texts) else 0
    return "reference" in found or named > 0.5


def read_acts(path: Path, given: dict[str, Any]) -> RawTable:
    """Read a list of acts: one row of headings unless more are said, headings of parts among them.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    form = Format.model_validate({key: value for key, value in given.items() if value})
    if form.heading_rows is None:
        form = form.model_copy(update={"heading_rows": 1})
    if form.header_row is None:
        rows, _ = read_rows(path, form)
        heads = (number for number, cells in rows if _heads_acts(cells))
        form = form.model_copy(update={"header_row": next(heads, None)})
    return read_table(path, form, keep_texts=True)


def _heads_acts(cells: list[Any]) -> bool:
    """Tell whether a row is the headings of a list of acts: a name, and something beside it."""
    told = [fold(cell) for cell in cells if cell is not None and str(cell).strip()]
    return len(told) > 1 and any(
        len(text) < 60 and re.search("|".join(_HEADINGS["act"]), text) for text in told
    )
