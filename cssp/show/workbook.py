"""Tables as an Excel workbook: a sheet a table, numbers as numbers, text never as a formula."""

from __future__ import annotations

import io
from typing import Any

from cssp.show.labels import Labels, forms
from cssp.show.office import EPOCH, ILLEGAL, same_bytes
from cssp.show.table_view import TableView

#: Excel's own limits: a sheet's name, and its rows.
SHEET_NAME, SHEET_ROWS = 31, 1_048_576
#: What a sheet's name may not contain.
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
#: Text that Excel would read as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(openpyxl: Any, tables: list[TableView], labels: Labels) -> bytes:
    """Return a workbook's bytes: its contents first, then a sheet a table with all its rows. The same tables, the same bytes."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    styles = openpyxl.styles
    bold, italic = styles.Font(bold=True), styles.Font(italic=True, color="555555")
    contents = book.create_sheet(_sheet_name(labels.words("Contents"), []))
    for view in tables:
        sheet = book.create_sheet(_sheet_name(view.name, book.sheetnames))
        row = contents.max_row + 1 if contents["A1"].value else 1
        _put(contents.cell(row, 1), view.title).hyperlink = f"#'{sheet.title}'!A1"
        _put(contents.cell(row, 2), sheet.title)
        data = labels.as_it_reads(view.data.head(SHEET_ROWS - 6))
        headings = [labels.heading(str(name)) for name in data.columns]
        values, formats = labels.values(data), [_format(form) for form in forms(data)]
        _put(sheet.cell(1, 1), view.title).font = bold
        for place, heading in enumerate(headings, 1):
            cell = _put(sheet.cell(3, place), heading)
            cell.font, cell.alignment = bold, styles.Alignment(wrap_text=True, vertical="top")
        for number, row_values in enumerate(values, 4):
            for place, value in enumerate(row_values, 1):
                if value is not None:
                    cell = _put(sheet.cell(number, place), value)
                    if formats[place - 1] and not isinstance(value, str):
                        cell.number_format = formats[place - 1]
        if view.note:
            _put(sheet.cell(len(values) + 5, 1), view.note).font = italic
        for place, heading in enumerate(headings, 1):
            longest = max(
                [len(heading) // 2, *(len(str(line[place - 1] or "")) for line in values[:200])], default=8
            )
            sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = min(
                max(longest + 2, 9), 48
            )
        sheet.freeze_panes = "A4"
        _for_paper(sheet, openpyxl)
        sheet.print_title_rows = "3:3"
    longest = max((len(view.title) for view in tables), default=40)
    contents.column_dimensions["A"].width, contents.column_dimensions["B"].width = min(longest + 4, 150), 34
    _for_paper(contents, openpyxl)
    for name in ("created", "modified"):
        setattr(book.properties, name, EPOCH)
    book.properties.creator = "cssp"
    out = io.BytesIO()
    book.save(out)
    return same_bytes(out.getvalue())


def _for_paper(sheet: Any, openpyxl: Any) -> None:
    """Have a sheet printed across, no wider than the paper."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)


def _format(form: str) -> str:
    """Return how Excel shows a column's numbers, which it keeps in full; Excel itself sets the decimal comma.

    >>> _format("percent1"), _format("points"), _format("signed2"), _format("p"), _format("number")
    ('0.0%', '+0;-0;0', '+0.00;-0.00;0.00', '0.000', '')
    """

    def digits(count: str) -> str:
        return "0" + ("." + "0" * int(count) if count and int(count) else "")

    if form.startswith("percents"):
        return "0.0###%"
    if form.startswith("percent"):
        return digits(form[7:]) + "%"
    if form.startswith(("points", "gap", "signed")):
        shown = digits(form.removeprefix("points").removeprefix("gap").removeprefix("signed"))
        return f"+{shown};-{shown};{shown}"
    if form.startswith("number") and form != "number":
        return digits(form[6:])
    return {"p": "0.000", "whole": "#,##0", "money": "#,##0"}.get(form, "")


def _put(cell: Any, value: Any) -> Any:
    """Write a value; a text that begins like a formula stays a text, also when the sheet is edited or saved as CSV."""
    if isinstance(value, str):
        cell.value = ILLEGAL.sub("", value)[:32767]
        cell.data_type = "s"
        if value.startswith(_FORMULA):
            cell.quotePrefix = True
    else:
        cell.value = value
    return cell


def _sheet_name(name: str, taken: list[str]) -> str:
    short = name.translate(_FORBIDDEN).strip("'")[:SHEET_NAME] or "-"
    lowered = {one.casefold() for one in taken}
    number = 1
    while short.casefold() in lowered:
        number += 1
        short = f"{name.translate(_FORBIDDEN)[: SHEET_NAME - 1 - len(str(number))]}_{number}"
    return short
