"""Respondents' answers together with the codebook that says what their codes mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import ColumnCodebook
from cssp.survey.answer_codes import codebook_of, group_column, group_name
from cssp.survey.guarded import READING, ReadOnly, RefusedError, checked_condition, is_condition
from cssp.survey.keep import packed, read_parquet_with_meaning, unpacked, write_parquet


class Answers:
    """Respondents' answers: one row a respondent, and what every code means.

    A plain table of codes does not know that 97 is 'hard to say' and not the best answer, so
    measures take `Answers`
    and refuse a bare DataFrame. Columns are read as in pandas (`answers["q1"]`); what would part
    codes from their
    meaning (merge, concat, assignment) is refused with the way to do it.

    Parameters
    ----------
    rows : a row a respondent: `respondent, city, sector`, the items, whatever else
    codebook : column -> entry, as `Questionnaire.column_codebook()` or `answer_codes` makes them
    flow : how many rows of each file were kept: `city, step, reason, count` (see `respondent_flow`)

    Attributes
    ----------
    rows : the plain table, for whatever pandas can do; nothing done to it changes the answers
    codebook : what the codes of each column mean
    flow : as given

    Examples
    --------
    >>> from cssp import answer_codes
    >>> answers = Answers(pd.DataFrame({"city": ["a", "a"], "q": [1, 97]}), {"q": answer_codes([1,
    ...     2], special={97: "hard_to_say"})})
    >>> len(answers.where(city="a")), answers.codebook["q"]["special"]
    (2, {97: 'hard_to_say'})
    >>> answers
    2 respondents
      item  answered  outside the scale  blank
    0    q         1                  1      0
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        codebook: Mapping[str, Mapping[str, Any]],
        flow: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        if not isinstance(rows, pd.DataFrame):
            raise ScoringError("Answers are made of a table (DataFrame) and a codebook.")
        self._rows = rows.copy(deep=False)
        self.codebook = codebook_of(codebook)
        self.flow = [dict(step) for step in flow]

    @property
    def rows(self) -> pd.DataFrame:
        """The plain table, without the codebook."""
        return self._rows.copy(deep=False)

    # ------------------------------------------------------------ reading

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, column: object) -> bool:
        return column in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __getitem__(self, key: Any) -> Any:
        """Return a column (a Series), several (a DataFrame).

        Or the respondents of a condition (`Answers`).
        """
        if is_condition(key):
            return self.where(key)
        if isinstance(key, str) and key not in self._rows:
            raise ScoringError(
                f"There is no column '{key}'. {nearest(key, map(str, self._rows.columns))}"
            )
        return self._rows[key]

    @property
    def loc(self) -> ReadOnly:
        """Rows and columns by their labels, to be read; the result is a plain table."""
        return ReadOnly(self._rows.loc)

    def __getattr__(self, name: str) -> Any:
        if name in READING and "_rows" in self.__dict__:
            return getattr(self.rows, name)
        if name.startswith("_"):
            raise AttributeError(name)
        raise RefusedError(
            f"Answers have no '{name}', so that codes keep their meaning. `answers.rows` is the "
            "plain table; "
            "`answers.with_column(name, values)` adds a column, `answers.where(city=...)` chooses "
            "respondents."
        )

    def __setitem__(self, name: str, values: Any) -> NoReturn:
        raise RefusedError(
            f"Columns are not set in place: answers = answers.with_column('{name}', values)."
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answers):
            return NotImplemented
        return (
            self.codebook == other.codebook
            and self.flow == other.flow
            and self._rows.equals(other._rows)
        )

    __hash__ = None  # type: ignore[assignment]

    # ------------------------------------------------------------ making others

    def where(self, condition: Any = None, **values: Any) -> Answers:
        """Return the respondents that fit.

        A condition (one truth value a respondent), or columns with the values wanted.

        Raises
        ------
        ScoringError
            An unknown column, or a condition of another length.

        Examples
        --------
        >>> from cssp import answer_codes
        >>> answers = Answers(pd.DataFrame({"city": ["a", "b", "c"]}), {})
        >>> len(answers.where(city=["a", "b"])), len(answers.where(answers["city"] != "a"))
        (2, 2)
        """
        keep = (
            np.ones(len(self), dtype=bool)
            if condition is None
            else checked_condition(condition, self._rows.index)
        )
        for name, wanted in values.items():
            keep &= (
                self[name]
                .isin([wanted] if np.isscalar(wanted) else list(wanted))
                .to_numpy(dtype=bool)
            )
        return Answers(self._rows[keep].reset_index(drop=True), self.codebook, self.flow)

    def with_column(
        self,
        name: str,
        values: Any,
        by: str | None = None,
        codes: Mapping[str, Any] | str | None = None,
    ) -> Answers:
        """Return the answers with one more column: a grouping variable, a weight, a recoded item.

        Parameters
        ----------
        name : the column's name
        values : one value a respondent in the order of the rows; a Series with the same index; with
            `by`, a Series
            indexed by the values of that column (its own index may have any order; who is not in it
            is missing)
        by : the column whose values index `values`, e.g. "respondent"
        codes : what the codes mean, if the column is an item: an entry of `answer_codes`, or the
            name of an item
            that is coded alike

        Raises
        ------
        ScoringError
            Values of another length or index, a value of `by` that stands twice, or the name of an
            item whose new
            codes are not explained by `codes`.

        Examples
        --------
        >>> from cssp import answer_codes
        >>> answers = Answers(pd.DataFrame({"respondent": ["1", "2"], "q": [1, 2]}),
        ...     {"q": answer_codes([1, 2])})
        >>> tenure = pd.Series({"2": "long", "1": "short"})
        >>> answers.with_column("tenure", tenure, by="respondent")["tenure"].tolist()
        ['short', 'long']
        """
        if name in self.codebook and codes is None:
            raise ScoringError(
                f"'{name}' is an item; say what its new codes mean: codes='{name}' if they are "
                "coded as before."
            )
        if isinstance(codes, str):
            if codes not in self.codebook:
                raise ScoringError(f"There is no item '{codes}'. {nearest(codes, self.codebook)}")
            codes = {key: value for key, value in self.codebook[codes].items() if key != "item"}
        rows = self._rows.copy(deep=False)
        rows[name] = self._aligned(name, values, by)
        if codes is not None:
            strange = sorted(set(rows[name].dropna()) - {*codes["codes"], *codes["special"]})
            if strange:
                raise ScoringError(
                    f"'{name}' has the answer {strange[0]}, which `codes` does not name."
                )
        book = {**self.codebook, **({} if codes is None else {name: {"item": name, **codes}})}
        return Answers(rows, ColumnCodebook(book), self.flow)

    def of_wave(self, wave: str = "") -> Answers:
        """Return the answers of one wave of the survey; those of the last one where none is named.

        Answers without waves stay as they are.

        Raises
        ------
        ScoringError
            There is no such wave.

        Examples
        --------
        >>> waves = pd.Categorical(["w1", "w2"], categories=["w1", "w2"])
        >>> answers = Answers(pd.DataFrame({"city": ["a", "a"], "wave": waves}), {})
        >>> answers.of_wave()["wave"].tolist()
        ['w2']
        """
        if "wave" not in self:
            return self
        known = [str(name) for name in self["wave"].cat.categories]
        if wave and wave not in known:
            raise ScoringError(f"There is no wave '{wave}'. {nearest(wave, known)}")
        return self.where(wave=wave or known[-1])

    def grouped_by(self, item: str) -> Answers:
        """Return the answers with a column of groups that an item's answers make.

        The column (`group_column`) holds names such as `tenure=2` (the item and its code) in the
        scale's order, and can be named in `by`. Who gave no answer on the scale belongs to no
        group: those respondents are left out, and `flow` counts them.

        Parameters
        ----------
        item : an item with answers by code; a column that makes groups anyway ("sector") changes
            nothing

        Raises
        ------
        ScoringError
            There is no such item.

        Examples
        --------
        >>> from cssp import answer_codes
        >>> answers = Answers(pd.DataFrame({"city": ["a", "a"], "tenure": [2, 97]}),
        ...     {"tenure": answer_codes([1, 2], special={97: "hard_to_say"})})
        >>> answers.grouped_by("tenure")[group_column("tenure")].tolist()
        ['tenure=2']
        """
        if item in self and item not in self.codebook:
            return self
        if item not in self:
            raise ScoringError(
                f"There is no item '{item}'. {nearest(item, map(str, self.codebook))}"
            )
        codes = self.codebook[item]["codes"]
        names = [group_name(item, code) for code in codes]
        names_of = self._rows[item].map(dict(zip(codes, names, strict=True)))
        known = names_of.notna().to_numpy(dtype=bool)
        rows = self._rows[known].reset_index(drop=True)
        rows[group_column(item)] = pd.Categorical(names_of[known], categories=names)
        return Answers(rows, self.codebook, self._flow_without(~known))

    def _flow_without(self, out: np.ndarray) -> list[dict[str, Any]]:
        """Return `flow` with the respondents who are in no group, before those analysed."""
        lost = self._rows["city"][out].value_counts() if "city" in self._rows else pd.Series()
        steps: list[dict[str, Any]] = []
        for step in self.flow:
            count = int(lost.get(step["city"], 0)) if step["step"] == "analysed" else 0
            if count:
                steps.append({**step, "step": "in no group", "count": count})
                step = {**step, "count": step["count"] - count}
            steps.append(step)
        return steps

    def _aligned(self, name: str, values: Any, by: str | None) -> Any:
        if by is not None:
            if not isinstance(values, pd.Series):
                raise ScoringError(f"With by='{by}', values are a Series indexed by {by}.")
            if not values.index.is_unique:
                twice = values.index[values.index.duplicated()][0]
                raise ScoringError(f"{by} '{twice}' stands twice in the values of '{name}'.")
            return self[by].map(values).set_axis(self._rows.index)
        if len(values) != len(self):
            raise ScoringError(f"'{name}' has {len(values)} values for {len(self)} respondents.")
        if isinstance(values, pd.Series) and not values.index.equals(self._rows.index):
            raise ScoringError(
                f"The values of '{name}' are in another order (index); give them by='respondent'."
            )
        return values

    # ------------------------------------------------------------ keeping

    def to_parquet(self, path: str | Path) -> None:
        """Write rows, codebook and flow to one Parquet file (needs the extra `parquet`)."""
        write_parquet(path, self._rows, {"codebook": packed(self.codebook), "flow": self.flow})

    @classmethod
    def from_parquet(cls, path: str | Path) -> Answers:
        """Read what `to_parquet` wrote.

        Raises
        ------
        DataError
            The file is no Parquet, or has no codebook in it.
        """
        rows, kept = read_parquet_with_meaning(path)
        return cls(rows, unpacked(kept["codebook"]), kept.get("flow", []))

    # ------------------------------------------------------------ showing: never a respondent's row

    def _summary(self) -> pd.DataFrame:
        lines = []
        for column, entry in self.codebook.items():
            if column not in self._rows:
                continue
            given = self._rows[column]
            outside = int(given.isin(list(entry["special"])).sum())
            blank = int(given.isna().sum())
            lines.append([column, len(given) - outside - blank, outside, blank])
        return pd.DataFrame(lines, columns=["item", "answered", "outside the scale", "blank"])

    def __repr__(self) -> str:
        return f"{len(self)} respondents\n{self._summary().to_string(max_rows=60)}"

    def _repr_html_(self) -> str:
        return f"<p>{len(self)} respondents</p>{self._summary().to_html(max_rows=60, index=False)}"


def need_answers(answers: object) -> Answers:
    """Return the answers, or refuse what has no codebook.

    Raises
    ------
    ScoringError
        The sentence says what to pass.
    """
    if isinstance(answers, Answers):
        return answers
    raise ScoringError(
        f"Here answers with their codebook are needed, not a {type(answers).__name__}: the table "
        "alone does not say which "
        "codes are answers. Pass what `load_survey` returns, or cssp.Answers(table, codebook)."
    )
