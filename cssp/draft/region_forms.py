"""The Treasury's forms of many regions into one table: money to non-profits by purpose."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from cssp.desk.region_tables import SUPPORT_COLUMNS, read_support
from cssp.desk.territories import regions
from cssp.desk.treasury.form import read_form
from cssp.desk.treasury.spending import npo_spending, npo_subsections, transfers
from cssp.interviews.exchange.untrusted import opened_archive
from cssp.study.problems import CsspError, DataError, Problem, RunError, short_path
from cssp.study.study import Study
from cssp.study.write_files import write_text

#: Where the table stands in a study that does not say it.
SUPPORT = "russia/npo_support.csv"
FORMS = "forms.csv"
#: So many forms are read before what is known is written, so that a stopped run goes on from there.
_AT_ONCE = 64
_HEAD = (
    "# Written by `cssp add-forms`: executed amounts of form 0503317, in roubles. Each row is a "
    "region, year, budget level, kind of municipality and budget subsection; `expenditure` and "
    "`transfers` are those of the level and kind as a whole and repeat.\n"
)

#: A form as read (rows, notes), or why it was refused.
Read = tuple[list[dict[str, object]], str]


def add_region_forms(
    study: Study,
    places: Sequence[Path],
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, Path]:
    """Read forms 0503317 of many regions and years into the study's table of regions.

    A form that was read before (told by its hash) is not read again.

    Parameters
    ----------
    study : the study; `indicators.yaml` says which types count, and what is for which purpose
    places : folders, .zip archives or files
    replace : let a form take the place of another one of the same region and year
    progress : called with how many forms are done, and how many there are

    Returns
    -------
    One row a form: `file, sha256, region, year, status` (read, known, refused), `what`; and the
    path of the table

    Raises
    ------
    RunError
        There is no form.
    DataError
        An archive that cannot be opened, or a table that somebody else wrote.
    """
    target = study.folder / (study.file.context.support if study.file.context else SUPPORT)
    types = study.indicators.treasury.types if study.indicators.treasury else ["630"]
    table = read_support(target) if target.exists() else pd.DataFrame(columns=SUPPORT_COLUMNS)
    report_rows: list[list[object]] = []
    with _unpacked(places) as files:
        if not files:
            raise RunError("There is no form (.xls, .xlsx) there.")
        known = dict(zip(table["sha256"], zip(table["region"], table["year"], strict=True),
                         strict=True))  # fmt: skip
        fresh = []
        for file in files:
            mark = hashlib.sha256(file.read_bytes()).hexdigest()
            if mark in known:
                report_rows.append([file.name, mark, *known[mark], "known", ""])
            else:
                fresh.append((file, mark))
        done = len(report_rows)
        for start in range(0, len(fresh), _AT_ONCE):
            part = fresh[start : start + _AT_ONCE]
            for (file, mark), (rows, what) in zip(
                part, _read_all([file for file, _ in part], types), strict=True
            ):
                if rows:
                    table, what, rows = _taken(table, rows, what, replace)
                region, year = (rows[0]["region"], rows[0]["year"]) if rows else ("", "")
                status = "read" if rows else "refused"
                report_rows.append([file.name, mark, region, year, status, what])
            done += len(part)
            _write(study, table, target)
            if progress is not None:
                progress(done, len(files))
    columns = ["file", "sha256", "region", "year", "status", "what"]
    report = pd.DataFrame(report_rows, columns=columns).sort_values("file", ignore_index=True)
    _log(report, target.parent / FORMS)
    _name_in_study(study, target)
    return report, target


def _log(report: pd.DataFrame, path: Path) -> None:
    """Keep what became of each form: the last that is known of it."""
    old = (
        pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.exists()
        else pd.DataFrame(columns=report.columns)
    )
    fresh = report[report["status"] != "known"].astype(str)
    kept = old[~old["sha256"].isin(fresh["sha256"])]
    merged = pd.concat([kept, fresh]).sort_values(["file", "sha256"], ignore_index=True)
    write_text(path, str(merged.to_csv(index=False, lineterminator="\n")))


@contextmanager
def _unpacked(places: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield the forms' files of folders and archives; what is unpacked is removed afterwards."""
    with TemporaryDirectory() as folder:
        files: list[Path] = []
        for number, place in enumerate(places):
            if place.is_dir():
                files += [path for path in place.rglob("*") if _is_form(path.name)]
            elif place.suffix.casefold() == ".zip":
                with opened_archive(place) as archive:
                    for member in archive.infolist():
                        if _is_form(member.filename):
                            target = Path(folder, str(number), Path(member.filename).name)
                            target.parent.mkdir(exist_ok=True)
                            if target.exists():
                                raise DataError(
                                    Problem(
                                        short_path(place),
                                        f"Two forms in the archive are named '{target.name}'.",
                                        "Unpack it, and name the folder instead.",
                                    )
                                )
                            target.write_bytes(archive.read(member))
                            files.append(target)
            else:
                files.append(place)
        yield sorted(files, key=lambda path: (path.name, str(path)))


def _is_form(name: str) -> bool:
    return bool(re.search(r"\.xlsx?$", name, re.IGNORECASE)) and not Path(name).name.startswith(
        ("~$", "._")
    )


def _read_all(files: list[Path], types: list[str]) -> list[Read]:
    if len(files) < 8:  # a handful is read before the processes have started
        return [_read(file, types) for file in files]
    with ProcessPoolExecutor() as pool:
        return list(pool.map(_read, files, repeat(types), chunksize=4))


def _read(file: Path, types: list[str]) -> Read:
    """Return a form's rows, or no rows and why."""
    try:
        form = read_form(file)
        region = next((own for own in regions() if own.name_ru == form.region), None)
        if region is None:
            return [], f"It is of no region: '{form.budget or form.region}'."
        if form.months != 12:
            return [], f"It covers {form.months} months of {form.year}; a whole year is needed."
        whole = npo_spending(form, types)
        parts = npo_subsections(form, types)
        passed = transfers(form).set_index(["level", "kind"])["transfers"]
    except CsspError as error:
        return [], "; ".join(
            f"row {p.row}: {p.what}" if p.row else p.what for p in error.problems[:3]
        ) or str(error)  # fmt: skip
    notes = [p.what for p in form.problems if p.severity == "warning" and "less than" not in p.what]
    common = {
        "region": region.name_ru, "oktmo": region.oktmo, "year": form.year,
        "form_date": form.date, "months": form.months, "file": file.name, "sha256": form.sha256,
        "note": " ".join(notes),
    }  # fmt: skip
    rows: list[dict[str, object]] = []
    for row in whole.itertuples():
        if not row.expenditure and not row.support:
            continue  # there are no municipalities of this kind in the region
        own = parts[(parts["level"] == row.level) & (parts["kind"] == row.kind)]
        amounts = {
            "level": row.level, "kind": row.kind, "expenditure": f"{row.expenditure:.2f}",
            "transfers": f"{passed.get((row.level, row.kind), 0.0):.2f}",
        }  # fmt: skip
        supports = [(one.subsection, one.support) for one in own.itertuples()] or [("", 0.0)]
        rows += [
            {**common, **amounts, "subsection": subsection, "executed": f"{support:.2f}"}
            for subsection, support in supports
        ]
    return rows, " ".join(notes)


def _taken(
    table: pd.DataFrame, rows: list[dict[str, object]], what: str, replace: bool
) -> tuple[pd.DataFrame, str, list[dict[str, object]]]:
    """Return the table with a form's rows; a second form of a region and year is refused."""
    there = (table["region"] == rows[0]["region"]) & (table["year"] == str(rows[0]["year"]))
    if there.any() and not replace:
        other = table.loc[there, "file"].iloc[0]
        sentence = f"There is a form of {rows[0]['region']} for {rows[0]['year']} already: {other}."
        return table, sentence, []
    fresh = pd.DataFrame(rows).astype(str)
    return pd.concat([table[~there], fresh], ignore_index=True), what, rows


def _write(study: Study, table: pd.DataFrame, target: Path) -> None:
    """Write the table in the order of regions, years, levels and subsections."""
    order = {region.name_ru: place for place, region in enumerate(regions())}
    book = study.indicators
    sorted_table = table.assign(
        place=table["region"].map(order),
        purpose=[book.purpose_of(code) if code else "" for code in table["subsection"]],
        last=table["level"].eq("local"),
    ).sort_values(["place", "year", "last", "kind", "subsection"], kind="stable")
    text = sorted_table[SUPPORT_COLUMNS].to_csv(index=False, lineterminator="\n")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, _HEAD + str(text))


def _name_in_study(study: Study, target: Path) -> None:
    """Name the table in `study.yaml`, where it is not yet."""
    if study.file.context is not None:
        return
    path = study.folder / "study.yaml"
    name = target.relative_to(study.folder).as_posix()
    text = path.read_text(encoding="utf-8").rstrip("\n")
    write_text(path, f"{text}\n\n# All regions of the country, by `cssp add-forms`.\n"
                     f"context: {{support: {name}}}\n")  # fmt: skip
