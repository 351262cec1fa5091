"""Registries: every entry of a kind stands in a file of its own in one folder, found there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TypeVar

T = TypeVar("T")


@cache
def _found(package: str, kind: type) -> dict[str, object]:
    folder = importlib.import_module(package)
    entries: dict[str, object] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(folder.__path__)):
        for entry in vars(importlib.import_module(f"{package}.{module}")).values():
            if isinstance(entry, kind):
                entries[entry.name] = entry  # type: ignore[attr-defined]
    return entries


def registry(package: str, kind: type[T]) -> dict[str, T]:
    """Return the entries of a kind that the modules of a package define, by their `name`.

    Parameters
    ----------
    package : dotted name of the folder in which each entry has its file
    kind : class of the entries; each has a `name` and a `label` in every language

    Examples
    --------
    >>> from cssp.tables.service import Service
    >>> "kobo" in registry("cssp.tables.services", Service)
    True
    """
    return dict(_found(package, kind))  # type: ignore[arg-type]
