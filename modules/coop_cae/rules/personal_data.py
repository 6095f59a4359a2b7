# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The page on which a person reads what is held on them."""
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; }}
th {{ text-align: left; vertical-align: top; padding-right: 1em; }}
table {{ margin-bottom: 1em; border-top: 1px solid #999; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{notice}</p>
{sections}
</body>
</html>
"""


class Words(NamedTuple):
    "What the page says itself, and the code of its language"
    language: str
    yes: str
    no: str


def as_html(
        title: str, notice: str,
        sections: Mapping[str, Sequence[Mapping[str, Any]]],
        words: Words) -> str:
    """Return the page of the sections, each a list of values by label

    What people typed is text, never markup.
    """
    return _PAGE.format(
        title=escape(title), notice=escape(notice),
        language=escape(words.language),
        sections='\n'.join(
            f'<h2>{escape(name)}</h2>\n'
            + '\n'.join(_table(r, words) for r in records)
            for name, records in sections.items()))


def _table(values, words):
    rows = '\n'.join(
        f'<tr><th>{escape(label)}</th>'
        f'<td>{escape(_cell(value, words))}</td></tr>'
        for label, value in values.items())
    return f'<table>\n{rows}\n</table>'


def _cell(value, words):
    if isinstance(value, bool):
        return words.yes if value else words.no
    return str(value)
