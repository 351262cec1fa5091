"""How a number of a form is written: its decimals, and the same for Excel.

One rule for pages, Word and Excel: the digits of a form, rounded half away from zero.
"""

from __future__ import annotations

import math


def decimals_of(value: float, form: str) -> int:
    """Return how many decimals a value of a form is shown with; of shares and balances those of
    the per cent or points.

    >>> decimals_of(0.1234, "percent1"), decimals_of(0.00012, "percents2")
    (1, 3)
    """
    if form == "p":
        return 3
    if form.startswith("percents"):
        return digits_to_decimals(100 * value, int(form[8:]))
    if form.startswith("significant"):
        return digits_to_decimals(value, int(form[11:] or 4))
    for begin in ("percent", "points", "gap", "signed", "number"):
        if form.startswith(begin) and form != "number":
            return int(form[len(begin) :] or 0)
    if form in ("whole", "money", "plain") or math.isinf(value):
        return 0
    if 0 < abs(value) < 0.01:  # not 0.000
        return digits_to_decimals(value, 2)
    return 0 if value == int(value) else 3 if abs(value) < 10 else 1


def is_signed(form: str) -> bool:
    """Tell whether a form writes a plus."""
    return form == "points" or form.startswith(("gap", "signed"))


def excel_format(value: float, form: str, tiny: str = "<0.001") -> str:
    """Return the format in which Excel shows a number as the page does.

    Parameters
    ----------
    value : as the result has it (a share as a share, a balance in [-1, 1])
    form : of `cssp.show.columns`
    tiny : what stands for a p too small to be written

    >>> excel_format(0.5, "percent1"), excel_format(0.5, "points"), excel_format(0.5, "p")
    ('0.0%', '+0;-0;0', '[<0.001]"<0.001";0.000')
    >>> excel_format(12345.6, "money")
    '#,##0'
    """
    if form == "plain":
        return "0"
    if form == "p":
        return f'[<0.001]"{tiny}";0.000'
    count = decimals_of(value, form)
    zero = "0" + ("." + "0" * count if count else "")
    scale = 100 if form.startswith(("percent", "points", "gap")) else 1
    shown = zero if abs(scale * value) < 999 else f"#,##{zero}"
    if form.startswith("percent"):
        return f"{shown}%"
    return f"+{shown};-{shown};{zero}" if is_signed(form) else shown


def digits_to_decimals(value: float, digits: int) -> int:
    """Return how many decimals show so many digits that count: 0.00001524, 12 000 000.

    >>> digits_to_decimals(0.00001524, 4), digits_to_decimals(12.5, 3), digits_to_decimals(1200, 3)
    (8, 1, 0)
    """
    size = 0 if value == 0 else math.floor(math.log10(abs(value)))
    return max(0, min(digits - 1 - size, 10))
