"""In which language the command speaks, and how it says what it has to say.

`cssp --language ru`, else CSSP_LANGUAGE, else the system's language where the study is written in
it, else the study's first; before a study is known, the system's.
"""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from cssp.study.study import Study

#: Words that may follow `--language`.
LANGUAGE_CODES = re.compile(r"[a-z]{2}")
_ASKED: ContextVar[str] = ContextVar("asked", default="")
_OF_STUDY: ContextVar[tuple[str, ...]] = ContextVar("of_study", default=())


def speak(language: str) -> None:
    """Say everything from here on in a language; empty: decide by the surroundings."""
    if language:
        from cssp.show.words import LANGUAGES

        if language not in LANGUAGES:
            raise typer.BadParameter(f"'{language}' is not one of: {', '.join(LANGUAGES)}.")
    _ASKED.set(language)


def opened(study: str) -> Study:
    """Load a study; from here on its languages count."""
    from cssp.study.study import load_study

    return heard(load_study(study))


def heard(study: Study) -> Study:
    """Take note of a study's languages."""
    _OF_STUDY.set(tuple(study.file.languages))
    return study


def language() -> str:
    """Return the language that is spoken now."""
    asked = _ASKED.get() or os.environ.get("CSSP_LANGUAGE", "")
    if asked:
        return asked
    system = system_language()
    spoken = _OF_STUDY.get()
    return system if not spoken or system in spoken else spoken[0]


def system_language() -> str:
    """Return the language of the system; English where it names none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return (
                value[:2].lower() if value[:2].isalpha() and value not in ("C", "POSIX") else "en"
            )
    return (locale.getlocale()[0] or "en")[:2].lower()


def said(text: str) -> str:
    """Return a message in the language that is spoken."""
    spoken = language()
    if spoken == "en":
        return text
    from cssp.show.messages import Messages

    return Messages(spoken)(text)


def read_as(text: str) -> str:
    """Return how a file was read, in the language that is spoken."""
    from cssp.show.messages import Messages

    return Messages(language()).reading(text)


def say(text: object, err: bool = False) -> None:
    """Print a message in the language that is spoken."""
    typer.echo(said(str(text)), err=err)


def speak_from(arguments: Sequence[str]) -> None:
    """Find the language that a line asks for before its command: the help needs it first."""
    before = list(
        takewhile(
            lambda word: word.startswith("-") or bool(LANGUAGE_CODES.fullmatch(word)), arguments
        )
    )
    for place, word in enumerate(before):
        if word == "--language" and place + 1 < len(before):
            speak(before[place + 1])
        elif word.startswith("--language="):
            speak(word.partition("=")[2])


def say_comments(path: Path) -> None:
    """Turn what a draft asks in its comments into the language spoken; what others wrote stays."""
    if language() == "en":
        return
    from cssp.study.write_files import write_text

    text = path.read_text(encoding="utf-8")
    asked = re.compile(r"(?m)((?:^|\s)# (?:TODO: )?)(\S.*?)(?=\s+# TODO: |$)")
    turned = asked.sub(lambda found: found[1] + said(found[2]), text)
    if turned != text:
        write_text(path, turned)


def translate_help(command: Any) -> None:
    """Turn the help of a command, its options and those below it into the language spoken."""
    if language() == "en":
        return
    command.help = "\n\n".join(map(_paragraph, (command.help or "").split("\n\n")))
    command.short_help = said(command.short_help) if command.short_help else None
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = said(parameter.help)
    plain = command.get_help
    command.get_help = lambda ctx: _HEADINGS.sub(lambda found: said(found[0]), plain(ctx))
    for one in getattr(command, "commands", {}).values():
        translate_help(one)


#: What typer itself writes into a page of help.
_HEADINGS = re.compile(
    r"^(Usage:|Options:|Arguments:|Commands:)|\[required\]|default:|env var:"
    r"|Show this message and exit\.|Install completion for the current shell\."
    r"|Show completion for the current shell, to copy it or customize the\s+installation\.",
    re.MULTILINE,
)


def _paragraph(text: str) -> str:
    """Say a paragraph of a command's help; one that keeps its lines, comment by comment."""
    if "\b" not in text:
        return said(" ".join(text.split()))
    comment = re.compile(r"(?m)(?<= {3})\b[a-z][^\n]*$|^\w+:$")
    return comment.sub(lambda found: said(found[0]), text)


def say_usage(error: Any) -> None:
    """Print what is wrong with a line, with the usage of its command."""
    usage = "" if error.ctx is None else error.ctx.get_usage()
    if usage:
        typer.echo(_HEADINGS.sub(lambda found: said(found[0]), usage), err=True)
        say(f"Try '{error.ctx.command_path} --help' for help.\n", err=True)
    say(f"Error: {error.format_message()}", err=True)
