"""What a study asks, and in which of its numbers the answer stands."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cssp.study.read_yaml import Label, Model, Name


class SupportAsked(Model):
    """Money per resident of the city's region: of which budgets, and what counts."""

    level: Name
    scope: Literal["all_purposes", "social", "social_less_education"] = "social"


class PerceptionAsked(Model):
    """How one sector rates another: the mean balance of the items that say whom they rate."""

    rater: Name
    rated: Name


class ItemsAsked(Model):
    """The mean balance of some ordinal items in one sector."""

    sector: Name
    items: list[Name] = Field(min_length=1)


class Question(Model):
    """One question of the study, answered by comparing cities.

    Exactly one of `support` (desk study), `perception`, `items` (survey) and `code` (interviews:
    the share that names it) says where the answer stands; `higher` names the city that is expected
    to have more, where somebody said so beforehand, and `source` who did.
    """

    label: Label
    support: SupportAsked | None = None
    perception: PerceptionAsked | None = None
    items: ItemsAsked | None = None
    code: Name | None = None
    higher: str | None = None
    source: str | None = None

    @property
    def kind(self) -> str:
        """Where the answer stands: support, perception, items or code."""
        return next(
            name for name in ("support", "perception", "items", "code") if getattr(self, name)
        )

    @model_validator(mode="after")
    def _one_place(self) -> Question:
        answers = [self.support, self.perception, self.items, self.code]
        if sum(one is not None for one in answers) != 1:
            raise ValueError("questions: name one of support, perception, items and code")
        return self
