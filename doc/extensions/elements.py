# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The parts that pages of the reference are made of."""
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

ROOT = Path(__file__).resolve().parent.parent.parent


class SourceDirective(Directive):
    "A page that is written anew when the sources change"

    def depend(self, *patterns):
        env = self.state.document.settings.env
        for pattern in patterns:
            for path in ROOT.glob(pattern):
                env.note_dependency(str(path))


def paragraph(*parts):
    return nodes.paragraph('', '', *(
            nodes.Text(p) if isinstance(p, str) else p for p in parts))


def code(text):
    return nodes.literal(text, text)


def emphasis(text):
    return nodes.emphasis(text, text)


def section(title, identifier, *children):
    result = nodes.section(ids=[nodes.make_id(identifier)])
    result += nodes.title(title, title)
    result.extend(children)
    return result


def bullets(items):
    result = nodes.bullet_list()
    for item in items:
        result += nodes.list_item('', item)
    return result


def table(widths, header, rows, class_='reference-fields'):
    result = nodes.table(classes=[class_, 'colwidths-given'])
    group = nodes.tgroup(cols=len(widths))
    result += group
    for width in widths:
        group += nodes.colspec(colwidth=width)
    head, body = nodes.thead(), nodes.tbody()
    for part, part_rows in [(head, [[paragraph(h) for h in header]]),
            (body, rows)]:
        for row in part_rows:
            line = nodes.row()
            for cell in row:
                entry = nodes.entry()
                entry.extend(cell if isinstance(cell, list) else [cell])
                line += entry
            part += line
        group += part
    return result


def plain(text):
    return ' '.join(str(text or '').split())


def listed(parts):
    result = []
    for i, part in enumerate(parts):
        if i:
            result.append(nodes.Text(", "))
        result.append(part)
    return result


def sentence(text):
    text = plain(text)
    return text[:1].upper() + text[1:] + (
        '' if not text or text[-1] in '.:' else '.')
