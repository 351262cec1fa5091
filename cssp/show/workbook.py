"""Tables as an Excel workbook: a sheet a table, numbers as numbers, text never as a formula."""

from __future__ import annotations

import io
from math import ceil
from typing import Any

from cssp.show.forms import excel_format
from cssp.show.labels import Labels
from cssp.show.office import EPOCH, ILLEGAL, same_bytes
from cssp.show.table_view import TableView

#: Excel's own limits: a sheet's name, and its rows.
SHEET_NAME, SHEET_ROWS = 31, 1_048_576
#: Points of a line of text.
LINE = 15
#: What a sheet's name may not contain.
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
#: Text that Excel would read as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(openpyxl: Any, tables: list[TableView], labels: Labels) -> bytes:
    """Return a workbook's bytes: its contents first, then a sheet a table with all its rows.

    The same tables, the same bytes.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    styles = openpyxl.styles
    bold, italic = styles.Font(bold=True), styles.Font(italic=True, color="555555")
    tiny = labels.words.p_value(0.0)
    contents = book.create_sheet(_sheet_name(labels.words("Contents"), []))
    for view in tables:
        sheet = book.create_sheet(_sheet_name(view.name, book.sheetnames))
        row = contents.max_row + 1 if contents["A1"].value else 1
        title = f"{_called(view, labels)}{view.title}"
        _put(contents.cell(row, 1), title).hyperlink = f"#'{sheet.title}'!A1"
        _put(contents.cell(row, 2), sheet.title)
        data = labels.as_it_reads(view.data.head(SHEET_ROWS - 6))
        heads = [
            view.heads.get(str(name)) or labels.heads(data)[str(name)] for name in data.columns
        ]
        headings, forms = [head.text for head in heads], [head.form for head in heads]
        values, records = labels.values(data, view.heads), data.to_dict("records")
        _put(sheet.cell(1, 1), title).font = bold
        for place, heading in enumerate(headings, 1):
            cell = _put(sheet.cell(3, place), heading)
            cell.font, cell.alignment = bold, styles.Alignment(wrap_text=True, vertical="top")
        for number, row_values in enumerate(values, 4):
            for place, value in enumerate(row_values, 1):
                if value is not None:
                    cell = _put(sheet.cell(number, place), value)
                    if isinstance(value, str):
                        continue
                    shown = (
                        _format(value, labels.form_of(forms[place - 1], records[number - 4]), tiny)
                        if view.formats is None
                        else view.formats[number - 4][place - 1]
                    )
                    if shown:
                        cell.number_format = shown
        widths = [
            min(
                max(
                    9,
                    _longest_word(heading) + 2,
                    *(_width(line[place]) + 2 for line in values[:200]),
                ),
                48,
            )
            for place, heading in enumerate(headings)
        ]
        for place, width in enumerate(widths, 1):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = width
        tallest = max(
            (ceil(1.15 * len(head) / width) for head, width in zip(headings, widths, strict=True)),
            default=1,
        )
        sheet.row_dimensions[3].height = LINE * tallest
        if view.note:
            _add_note(sheet, len(values) + 5, view.note, widths, styles).font = italic
        sheet.freeze_panes = "A4"
        _for_paper(sheet, openpyxl)
        sheet.print_title_rows = "3:3"
    longest = max((len(view.title) for view in tables), default=40)
    contents.column_dimensions["A"].width, contents.column_dimensions["B"].width = (
        min(longest + 4, 150),
        34,
    )
    _for_paper(contents, openpyxl)
    for name in ("created", "modified"):
        setattr(book.properties, name, EPOCH)
    book.properties.creator = "cssp"
    out = io.BytesIO()
    book.save(out)
    return same_bytes(out.getvalue())


def _called(view: TableView, labels: Labels) -> str:
    return f"{labels.words('Table {number}.', number=view.number)} " if view.number else ""


def _width(value: Any) -> int:
    """Return how many letters a value takes as it is shown.

    A number is shown rounded, or as far as its column is wide.
    """
    return (
        min(len(str(value)), 10)
        if isinstance(value, float)
        else len(str("" if value is None else value))
    )


def _longest_word(text: str) -> int:
    """Return the length of the longest word: a heading is broken between words."""
    return max(map(len, text.split()), default=0)


def _add_note(sheet: Any, row: int, note: str, widths: list[int], styles: Any) -> Any:
    """Write a note over as many columns as a line of reading takes.

    As one long line it would make the printed page as wide as itself.
    """
    columns, width = 1, widths[0] if widths else 48
    while columns < len(widths) and width < 90:
        width += widths[columns]
        columns += 1
    cell = _put(sheet.cell(row, 1), note)
    cell.alignment = styles.Alignment(wrap_text=True, vertical="top")
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    sheet.row_dimensions[row].height = LINE * ceil(1.15 * len(note) / width)
    return cell


def _for_paper(sheet: Any, openpyxl: Any) -> None:
    """Have a sheet printed across, no wider than the paper."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(
        fitToPage=True
    )


def _format(value: float, form: str, tiny: str) -> str:
    """Return how Excel shows a number, which it keeps in full; points stand there as points."""
    of_points = form.startswith(("points", "gap"))
    return excel_format(value / 100 if of_points else value, form, tiny)


def _put(cell: Any, value: Any) -> Any:
    """Write a value.

    A text that begins like a formula stays a text, also when the sheet is edited or saved as CSV.
    """
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
