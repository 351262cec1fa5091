"""Items of a form: what a service's own description of its questions says of their answers."""

from __future__ import annotations

from cssp.draft.names import name_for
from cssp.draft.question_scales import Question, Scale, scale_of_answers
from cssp.tables.raw import fold, to_number


def one_of(item: Question, choices: dict[str, str]) -> None:
    """Make an item one answer out of these choices (name in the data -> label)."""
    item.scale = scale_of_choices(choices)
    item.kind = "ordinal" if item.scale is not None and item.scale.ordered else "single"
    if item.scale is None:
        item.kind = "open"
        item.doubts.append("its choices could not be read as answers; write them as a scale")
    elif item.kind == "single" and len(choices) > 2:
        item.doubts.append("are these answers ordered? then write type: ordinal")


def several_of(item: Question, choices: dict[str, str], kind: str = "multiple") -> None:
    """Make an item any of these choices (name in the data -> label), or an order of them."""
    used: set[str] = set()
    item.kind = kind
    item.options = {name_for(name, used, "option"): label for name, label in choices.items()}


def scale_of_choices(options: dict[str, str]) -> Scale | None:
    """Make a scale of a form's choices (name, as the data have it -> label).

    Numbers that name them are their codes; their order is the form's where their words have none.
    """
    scale = scale_of_answers(list(options.values()))
    if scale is None or len({fold(text) for text in options.values()}) < len(options):
        return None
    numbers = {text: to_number(name) for name, text in options.items()}
    names = {text: name for name, text in options.items()}
    answers, special = list(scale.answers), list(scale.special)
    if not scale.ordered:
        place = {text: number for number, text in enumerate(options.values(), 1)}
        answers.sort(key=lambda answer: place[answer[1]])
        answers = [(number, text, side) for number, (_, text, side) in enumerate(answers, 1)]
    if all(number is not None and float(number).is_integer() for number in numbers.values()):
        answers = [(int(numbers[text] or 0), text, side) for _, text, side in answers]
        special = [(int(numbers[text] or 0), text, meaning) for _, text, meaning in special]
        return Scale(answers, special, scale.ordered)
    written = {code: names[text] for code, text, _ in (*answers, *special)}
    return Scale(answers, special, scale.ordered, written=written)
