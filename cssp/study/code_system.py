"""The code system of the interviews."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from cssp.study.read_yaml import Label, Model, Name


class Code(Model):
    """One code of the interviews, with the codes below it."""

    name: Name
    label: Label
    definition: Label
    include: Label | None = None
    exclude: Label | None = None
    example: Label | None = None
    source: str | None = None
    theme: Name | None = None
    means: Literal["barrier", "resource", "neutral"] = "neutral"
    codes: list[Code] = []


class CodeSystem(Model):
    """The hierarchical code system of the interviews."""

    codes: list[Code] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> CodeSystem:
        names = [code.name for code, _ in self.walk()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two codes are named '{twice[0]}'")
        return self

    def walk(self) -> Iterator[tuple[Code, Code | None]]:
        """Yield each code with its parent, parents first."""

        def below(codes: list[Code], parent: Code | None) -> Iterator[tuple[Code, Code | None]]:
            for code in codes:
                yield code, parent
                yield from below(code.codes, code)

        return below(self.codes, None)

    @property
    def names(self) -> list[str]:
        """Names of all codes, parents before children."""
        return [code.name for code, _ in self.walk()]

    @property
    def leaves(self) -> list[str]:
        """Names of the codes that have none below them."""
        return [code.name for code, _ in self.walk() if not code.codes]

    def top_of(self) -> dict[str, str]:
        """Return for each code the name of the group at the top of the hierarchy that it belongs
        to.
        """
        tops: dict[str, str] = {}
        for code, parent in self.walk():
            tops[code.name] = code.name if parent is None else tops[parent.name]
        return tops
