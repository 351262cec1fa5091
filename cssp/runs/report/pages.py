"""What all pages share: the templates, and Markdown as HTML."""

from __future__ import annotations

import html
import re
from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from mistune import create_markdown


@cache
def environment() -> Environment:
    """Return the templates."""
    found = Environment(
        loader=PackageLoader("cssp.runs.report"),
        autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["code"] = with_code
    return found


def with_code(text: str) -> Markup:
    """Return a sentence of the catalogue as HTML, its commands (in backticks) set as code."""
    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text)))


def markdown(source: str, deeper: int = 1, trusted: bool = True) -> str:
    """Return Markdown as HTML, its headings one level deeper: a page has one title of its own.

    Tags in it count only where it is a notebook's own text (`trusted`), not what a cell printed.
    """
    safe = source if trusted else re.sub("<(?=[A-Za-z/!?])", "&lt;", source)
    text = str(create_markdown(escape=False, plugins=["table"])(safe))
    return re.sub(
        r"(</?h)([1-5])\b",
        lambda found: f"{found.group(1)}{min(int(found.group(2)) + deeper, 6)}",
        text,
    )
