"""Which sentences the package says to whoever uses it, found by reading the code.

Problems, refusals, what commands print and their help: everything that is written as a sentence and
is not looked up in the catalogue of results.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from cssp.show.messages import LEAST, READ_AS
from cssp.tables.service import services

ROOT = Path(__file__).parent.parent
#: Where sentences are for those who write code or read a data file, not for who runs a study.
SILENT = (
    "show/grouped.py",
    "simulate/",
    "stats/",
    "runs/provenance/crate.py",
    "runs/report/",
    "show/words.py",
)
#: Calls whose texts are looked up in the catalogue of results, or are no sentences.
ELSEWHERE = {"words", "catalogue", "plural", "Column", "bounds", "compile", "fullmatch", "sub"}
#: What typer says by itself.
OF_TYPER = (
    "Usage:",
    "Options:",
    "Arguments:",
    "Commands:",
    "[required]",
    "default:",
    "env var:",
    "Show this message and exit.",
    "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or customize the installation.",
    "No such command '{name}'.",
    "No such option: {name}",
    "No such option: {name} (Possible options: {names})",
    "No such option: {name} Did you mean {other}?",
    "Missing argument '{name}'.",
    "Missing option '{name}'.",
    "Missing command.",
    "Got unexpected extra argument ({name})",
    "Got unexpected extra arguments ({name})",
    "Option '{name}' requires an argument.",
    "Invalid value for '{name}': {value}",
    "Invalid value: {value}",
    "'{value}' is not a valid integer.",
    "'{value}' is not a valid float.",
    "(Possible options: {names})",
    "Did you mean {name}?",
)
#: Phrases that stand where a message has a value.
PHRASES = (
    *(
        text
        for must in (
            "must be text",
            "must be a whole number",
            "must be a number",
            "must be true or false",
            "must be a list",
            "must be a set of 'key: value' lines",
        )
        for text in (f"'{{key}}' {must}", f"'{{key}}' {must}, not {{value}}")
    ),
    "'{key}' is required and absent",
    "'{key}' List should have at least {count} item after validation, not {other}",
    "'{key}' String should match pattern '{pattern}', not '{value}'",
    "'{key}' is true or false, not text; put it in quotes",
    "'{key}' has '{value}' where a language is due; put a text that has a comma in quotes",
    "'{value}' is not one of {names}",
    "'{value}' is still to be filled in",
    "--heading says one of {names}, as in {example}",
    "The order in which the interviews were held is not known: no date is given, and the order of "
    "the project was taken",
    "The order in which the interviews were held is not known: no date is given, and saturation is "
    "told as the mean over all orders",
    "is not a region of Russia",
    "may be more than one region",
    "a multiple-choice item of the questionnaire",
    "an ordinal item of the questionnaire",
    "given a worth, where every option needs one (0 is one)",
    "an option of that item",
    "a known key",
    "a sector of the study",
    "a city of the study",
    "an instrument of the study",
    "a theme of the study",
    "a scale of the questionnaire",
    "an item of the questionnaire",
    "belong to both cities, {name} and {other}",
    "{count} files",
    "{count} codes",
    "{count} codings",
    "{count} categories",
    "{count} cases",
    "{count} memos of files",
    "{count} memos of codings",
    "{count} memos of codes",
    "{count} pages of the journal",
    "{count} annotations",
    "{count} codings of images",
    "{count} files without text",
    "twice to '{item}'",
    "to two items, '{item}' and '{other}'",
    "hard to say",
    "is given twice",
    "has no transcript",
    "has no transcript. {nearest}",
    "cannot be read",
    "budgets of all levels, less what is excluded, give the consolidated budget",
    "expenditure types give their group, and groups their subsection",
    "subsections give their section",
    "sections give the grand total",
    ", and {count} more sums of this line",
    "a line end of two characters as one",
    "a line end of one character as two",
    "an emoji as two characters",
    "the city's region in {file}",
    "the file labels {value} as '{label}', which is {what}",
    "memos of {what}",
    "the country",
    "an average for {year}",
    "sector",
    "city",
    "item",
    *(f"{one.label['en']} ({{why}})" for one in services().values()),
    *(one.label["en"] for one in services().values()),
    "nothing that marks a service's export",
    "the columns {names}",
    "headings of the form 'code. question'",
    "the first column '{name}'",
    "a first column of times and questions for headings",
    "no result yet",
    "the notebook changed",
    "the code of cssp changed",
    "{file} changed",
    "{file} is new",
    "{file} is gone",
    "due: {why}",
    "up to date",
    "running",
    "failed",
    "{count} due",
    "{count} up to date",
    "{count} running",
    "{count} failed",
    "'{value}' is still to be decided",
    "no order was recognised",
    "a table of figures",
    "a register of grants",
    "a list of acts",
    "which census do they rest on? {names}",
    "of which year?",
    "in roubles, or in thousand RUB, million RUB?",
    "the amount of row {row} is the sum of all others: is it a total?",
    "are {names} one town?",
    "{count} rows have no town",
    "or {names}?",
    "the sheet {name} was not read",
    "add valence: positive or negative where an answer has a side",
)
#: Headings and values of the table of problems, and how files are read.
OF_TABLES = (
    *("severity", "file", "row", "column", "value", "what", "remedy", "error", "warning", "line"),
    *("key", "due", *READ_AS, "comma", "semicolon", "either", "sniffing", "first of the workbook"),
)
_values = re.compile(r"\{[^}]*\}")


def template(node: ast.expr) -> str | None:
    """Return a literal or formatted text with `{name}` where values go; None for other nodes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if re.search(r"\{[a-z_]+\}", node.value):
            return node.value  # filled in by `format`
        return node.value.replace("{", "{{").replace("}", "}}")
    if not isinstance(node, ast.JoinedStr):
        return None
    names: dict[str, str] = {}
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value).replace("{", "{{").replace("}", "}}")
            continue
        source = ast.unparse(part.value)
        name = next((w for w in re.findall(r"[a-z_]+", source.lower()) if len(w) > 1), "value")
        while name in names.values() and names.get(source) != name:
            name += "_"
        text += "{" + names.setdefault(source, name) + "}"
    return text


def is_sentence(text: str) -> bool:
    """Tell whether a text is told to people: words with a blank, from a capital to a full stop."""
    plain = text.strip()
    words = re.sub(r"\{[^}]*\}", "", plain)
    return (
        bool(re.match(r"[A-Z{'`\"]", plain))
        and plain.endswith((".", "?", "!", "}"))
        and (
            len(re.findall(r"[A-Za-z]{2,}", words)) > 1
            or bool(re.search(r"[A-Za-z]{4}.*\.$", words))
        )
    )


def _docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _skipped(tree: ast.AST) -> set[int]:
    """Parts of texts that are looked up elsewhere, or are parts of a formatted text."""
    parts = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ELSEWHERE:
            parts |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
        if isinstance(node, ast.Assign) and any(
            getattr(t, "id", "").startswith("NOTE_") for t in node.targets
        ):
            parts |= {id(inner) for inner in ast.walk(node.value)}
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
    return parts


def _fragments(node: ast.JoinedStr) -> Iterator[str]:
    """Phrases that a formatted text chooses between."""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            for inner in ast.walk(part.value):
                if isinstance(inner, ast.IfExp):
                    for choice in (inner.body, inner.orelse):
                        text = template(choice)
                        if text and re.search(r"[A-Za-z]{3}", text):
                            yield text.strip()


def in_code(source: str) -> Iterator[str]:
    """Yield the sentences of a file."""
    tree = ast.parse(source)
    skipped = _skipped(tree)
    printed = {
        id(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _called(call) in ("say", "ValueError") and call.args
    } | {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _called(call) == "Finding"
        for argument in call.args
        if " " in (template(argument) or "")
    }
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = template(node)
        if text and (is_sentence(text) or id(node) in printed):
            yield text.strip()
            if isinstance(node, ast.JoinedStr):
                yield from _fragments(node)


def in_drafts(source: str) -> Iterator[str]:
    """Yield the questions that a draft asks: its doubts, and what stands behind TODO."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("append", "insert")
            and "doubts" in ast.unparse(node.func.value)
        ):
            yield from filter(None, map(template, node.args))
        text = template(node) if isinstance(node, ast.Constant | ast.JoinedStr) else None
        if text and text.startswith("# ") and "\n" not in text and is_sentence(text[2:]):
            yield text[2:].strip()
        if text and "TODO: " in text:
            question = text.partition("TODO: ")[2].strip()
            if question and " " in re.sub(r"\{[^}]*\}", "", question):
                yield question


def in_progress() -> Iterator[str]:
    """Yield what a run says while it goes on."""
    from cssp.runs.progress import SAID

    for text in SAID.values():
        if text.startswith("{city} {notebook} done"):
            yield from (
                text.replace("{after}", after) + left
                for after in (" (as before)", " in {seconds} s", "")
                for left in ("; {done} of {total}, {rest} left", "")
            )
        else:
            yield text
    yield "all notebooks"


def in_commands(source: str) -> Iterator[str]:
    """Yield the help of a file's commands: their docstrings and their options'."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(
            "command" in ast.unparse(d) or "callback" in ast.unparse(d) for d in node.decorator_list
        ):
            yield from paragraphs(ast.get_docstring(node) or "")
        if isinstance(node, ast.keyword) and node.arg == "help":
            text = template(node.value)
            if text:
                yield text


def paragraphs(text: str) -> list[str]:
    """Return a help text's paragraphs, each on one line; of one with examples, their comments."""
    parts = inspect.cleandoc(text).split("\n\n")
    told = [" ".join(part.split()) for part in parts if part.strip() and "\b" not in part]
    kept = "\n".join(part for part in parts if "\b" in part)
    return told + re.findall(r"(?m)(?<=\S  )[a-z]\w+ [^\n]*$|^\w+:$", re.sub(r"  +", "  ", kept))


def messages_used() -> list[str]:
    """Return every sentence once, in the order of the files."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "cssp").rglob("*.py")):
        name = path.relative_to(ROOT / "cssp").as_posix()
        if name.startswith(SILENT):
            continue
        source = path.read_text(encoding="utf-8")
        found |= dict.fromkeys(in_code(source))
        if name.startswith("draft/"):
            found |= dict.fromkeys(in_drafts(source))
        if name.startswith("cli/"):
            found |= dict.fromkeys(in_commands(source))
    found |= dict.fromkeys([*in_progress(), *OF_TYPER, *PHRASES])
    longer = [
        text for text in found if len(re.findall(r"[A-Za-z]", _values.sub("", text))) >= LEAST
    ]
    return [*longer, *OF_TABLES]
