# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Directives that write the reference from the sources.

coop-models MODULE      the models of a module, and what it adds to others
coop-menus              the menus, in French and in English
coop-commands           the command line, from its parser
coop-tables             the columns of the files, from their readers
coop-reports            the columns of what the command line prints
coop-changes            what changed
coop-files MODULE       the files of a module, from their first words
"""
import ast
import functools
import itertools
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

from tools import catalogue, sources

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = {
    'boolean': "yes or no",
    'binary': "file",
    'char': "text",
    'date': "date",
    'dict': "dictionary",
    'float': "number",
    'integer': "integer",
    'many2many': "several",
    'many2one': "one",
    'multiselection': "choices",
    'numeric': "decimal",
    'one2many': "lines",
    'reference': "one of several models",
    'selection': "choice",
    'text': "long text",
    'time': "time",
    'timedelta': "duration",
    'timestamp': "day and time",
    }
PERMISSIONS = ['read', 'write', 'create', 'delete']
# Those of Tryton, that all records have
COMMON = {
    'id', 'create_uid', 'create_date', 'write_uid', 'write_date', 'rec_name',
    'xml_id', '_timestamp', '_write', '_delete', 'last_modified_at',
    'last_modified_by'}


@functools.cache
def read_sources():
    found = catalogue.Catalogue()
    return found, sources.compose(found)


# Nodes

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


# Models

class Models(Directive):
    required_arguments = 1

    def run(self):
        found, pool = read_sources()
        with sources.transaction():
            return self._write(self.arguments[0], found, pool)

    def _write(self, module, found, pool):
        own, dialogs, extended = [], [], []
        for name, Model in sorted(pool.iterobject()):
            first = sources.module_of(sources.first_class(Model))
            if first == module:
                stored = _is_stored(Model)
                (own if stored else dialogs).append(Model)
            elif module in _modules_of(Model):
                extended.append(Model)
        writer = ModelWriter(found, module)
        result = [writer.model(Model) for Model in own]
        result = [section("Models", f'{module}-models', *result)]
        if extended and (
                parts := list(filter(None, map(writer.extension, extended)))):
            result.append(section(
                    "What it adds to models of others",
                    f'{module}-extensions', *parts))
        if dialogs:
            result.append(section(
                    "Dialogs", f'{module}-dialogs',
                    *map(writer.model, dialogs)))
        return result


def _is_stored(Model):
    from trytond.model import ModelSQL
    return issubclass(Model, ModelSQL)


def _modules_of(Model):
    return {
        sources.module_of(c) for c in Model.__mro__
        if c.__dict__.get('__name__') == Model.__name__}


class ModelWriter:

    def __init__(self, found, module):
        self.found = found
        self.module = module
        self.ours = catalogue.our_modules()

    def model(self, Model):
        name = Model.__name__
        label, french = self._model_label(Model)
        parts = [paragraph(code(name), " — ", emphasis(french))]
        kind = self._kind(Model)
        if kind:
            parts.append(paragraph(kind))
        names = [n for n in Model._fields if n not in COMMON]
        if names:
            parts.append(self._fields(Model, names))
        parts += self._states(Model)
        parts += self._buttons(Model)
        parts += self._access(Model)
        return section(label, f'reference-{name}', *parts)

    def extension(self, Model):
        "Return what the module adds to a model of another, if anything"
        names = []
        for class_ in Model.__mro__:
            if sources.module_of(class_) == self.module and (
                    class_.__dict__.get('__name__') == Model.__name__):
                names += [
                    n for n in Model._fields
                    if n in class_.__dict__ and n not in COMMON]
        if not names:
            return None
        label, french = self._model_label(Model)
        return section(
            label, f'{self.module}-extends-{Model.__name__}',
            paragraph(code(Model.__name__), " — ", emphasis(french)),
            self._fields(Model, sorted(set(names))))

    def _model_label(self, Model):
        label = _plain(Model.__string__)
        context = f'model:{Model.__name__},string:'
        french = next((
                texts[label] for (_, c), texts in self.found.french.items()
                if c == context and label in texts), label)
        return label, french

    def _kind(self, Model):
        from trytond.model import ModelSingleton
        if issubclass(Model, ModelSingleton):
            return "One record, with a value for each company."
        if getattr(Model, 'table_query', None):
            return ("Rows of a query, reckoned when they are read: nothing is "
                "stored.")
        return None

    # Fields

    def _fields(self, Model, names):
        rows = []
        for name in names:
            field = Model._fields[name]
            label, french = self._field_label(Model, name, field)
            told = [paragraph(*self._type(Model, field))]
            if help_ := _plain(field.help):
                told.append(paragraph(self._text(help_)))
            rows.append([
                    paragraph(code(name)),
                    [paragraph(label), paragraph(emphasis(french))],
                    told])
        return table([25, 30, 45], ["Field", "Label", "What it is"], rows)

    def _text(self, text):
        "Return a text that may be the name of a message"
        record = self.found.records.get(text)
        return record.values['text'] if record else text

    def _field_label(self, Model, name, field):
        label = self._text(_plain(field.string))
        context = f'field:{Model.__name__},{name}:'
        for module in [*self.ours, *self.found.names]:
            french = self.found.french[module, context].get(label)
            if french:
                return label, french
        return label, label

    def _type(self, Model, field):
        from trytond.model import fields
        kind = KINDS.get(field._type, field._type)
        parts = [kind]
        if field._type in {'many2one', 'one2many', 'many2many'}:
            target = (
                field.get_target().__name__ if field._type == 'many2many'
                else field.model_name)
            parts += [" of " if kind != "one" else " ", code(target)]
        told = []
        if field.required:
            told.append("required")
        if field.translate if hasattr(field, 'translate') else False:
            told.append("translated")
        if isinstance(field, fields.Function):
            told.append("reckoned")
        elif isinstance(field, fields.MultiValue):
            told.append("for each company")
        if told:
            parts.append(", " + ", ".join(told))
        if field._type == 'selection' and isinstance(field.selection, list):
            parts.append(": ")
            choices = [(k, _plain(s)) for k, s in field.selection if s]
            for i, (key, string) in enumerate(choices):
                parts += [", " if i else "", f"{string} (", code(str(key)),
                    ")"]
        return parts

    # States, buttons and rights

    def _states(self, Model):
        transitions = sorted(getattr(Model, '_transitions', ()))
        if not transitions:
            return []
        return [
            paragraph("Its states go"),
            bullets(
                paragraph(
                    "from ", code(str(old)), " to ",
                    *_listed(code(new) for _, new in news))
                for old, news in itertools.groupby(
                    transitions, key=lambda t: t[0])),
            ]

    def _buttons(self, Model):
        buttons = [
            r for r in self.found.of('ir.model.button').values()
            if r.values.get('model') == Model.__name__
            and r.values.get('name') in Model._buttons]
        if not buttons:
            return []
        groups = self.found.of('ir.model.button-res.group').values()
        items = []
        for record in buttons:
            name = record.values['name']
            identifier = catalogue.full(record.module, record.id)
            allowed = [
                g.values['group'] for g in groups
                if g.values['button'] == identifier]
            label = record.values.get('string', name)
            french = self.found.translated(record, 'string') or label
            parts = [label, " — ", emphasis(french), " (", code(name), ")"]
            if allowed:
                parts.append(": " + ", ".join(map(self._group, allowed)))
            items.append(paragraph(*parts))
        return [paragraph("Buttons"), bullets(items)]

    def _access(self, Model):
        if not _is_stored(Model):
            return []
        name = Model.__name__
        rows = []
        for record in self.found.of('ir.model.access').values():
            values = record.values
            if values.get('model') != name:
                continue
            allowed = [
                p for p in PERMISSIONS
                if values.get(f'perm_{p}', 'False') == 'True']
            rows.append([
                    paragraph(
                        self._group(values['group']) if values.get('group')
                        else "others"),
                    paragraph(", ".join(allowed) or "nothing")])
        if not rows and Model.__access__:
            return [paragraph("Rights: those of ", *_listed(
                        code(a) for a in sorted(Model.__access__)), ".")]
        if not rows:
            return []
        rows.sort(key=lambda r: r[0].astext() == "others")
        return [table([40, 60], ["Group", "May"], rows)]

    def _group(self, identifier):
        record = self.found.records[identifier]
        english = record.values['name']
        return f"{english} ({self.found.translated(record)})"


def _plain(text):
    return ' '.join(str(text or '').split())


def _listed(parts):
    result = []
    for i, part in enumerate(parts):
        if i:
            result.append(nodes.Text(", "))
        result.append(part)
    return result


# Menus

class Menus(Directive):

    def run(self):
        found, _ = read_sources()
        links = found.of('ir.ui.menu-res.group').values()
        rows = []
        ours = catalogue.our_modules()
        for id_, path in sorted(
                found.menus.items(), key=lambda item: item[1]):
            if id_.split('.')[0] not in ours or len(path) < 2:
                continue
            groups = sorted(
                found.records[link.values['group']].values['name']
                for link in links
                if link.values.get('menu') == id_)
            rows.append([
                    paragraph(" ‣ ".join(p[0] for p in path)),
                    paragraph(" ‣ ".join(p[1] for p in path)),
                    paragraph(", ".join(groups))])
        return [table([40, 40, 20], ["Menu", "In English", "Only for"], rows)]


# The command line

class Commands(Directive):

    def run(self):
        from trytond.modules.coop_cae.scripts import language
        from trytond.modules.coop_cae.scripts.main import get_parser
        language.speak(language.ENGLISH)
        parser = get_parser(language.ENGLISH)
        commands = next(
            a for a in parser._actions if hasattr(a, 'choices')
            and isinstance(a.choices, dict))
        helps = {a.dest: a.help for a in commands._choices_actions}
        result = [section(
                "Options of all the commands", 'options-of-all',
                self._options(parser, skip={'command'}))]
        for name, command in commands.choices.items():
            result.append(section(
                    name, f'command-{name}',
                    paragraph(_sentence(
                            command.description or helps.get(name))),
                    nodes.literal_block(
                        '', _usage(command), language='none'),
                    self._options(command)))
        return result

    def _options(self, parser, skip=()):
        rows = []
        for action in parser._actions:
            if action.dest in {*skip, 'help'}:
                continue
            names = list(action.option_strings) or [
                action.metavar or action.dest]
            value = action.metavar or (
                action.dest.upper() if action.nargs != 0
                and action.option_strings else '')
            if isinstance(value, tuple):
                value = ' '.join(value)
            if action.choices and not action.metavar:
                value = '|'.join(map(str, action.choices))
            if action.option_strings and action.nargs != 0:
                names[-1] += f' {value}'
            told = (action.help or '') % {
                **vars(action), 'prog': parser.prog}
            rows.append([paragraph(*_listed(map(code, names))),
                    paragraph(_sentence(told))])
        if not rows:
            return paragraph("It has no option of its own.")
        return table([35, 65], ["Option", "What it does"], rows)


def _usage(parser):
    formatter = parser._get_formatter()
    formatter._width = 72
    formatter.add_usage(
        parser.usage, parser._actions, parser._mutually_exclusive_groups)
    return formatter.format_help().strip()


def _sentence(text):
    text = _plain(text)
    return text[:1].upper() + text[1:] + (
        '' if not text or text[-1] in '.:' else '.')


# The tables of files

class Tables(Directive):

    def run(self):
        from trytond.modules.coop_cae.tables import TABLES
        from trytond.modules.coop_shares import import_past
        found = [(f'{t.name}.csv', t.columns) for t in TABLES]
        result = [
            section(name, f'table-{name}', self._columns(columns))
            for name, columns in found]
        result.append(section(
                "The register of before", 'table-past',
                paragraph("The members:"),
                self._columns(import_past.MEMBERS),
                paragraph("The movements:"),
                self._columns(import_past.MOVEMENTS)))
        return result

    def _columns(self, columns):
        rows = []
        for column in columns:
            told = [column.kind]
            if column.choices:
                told = ["one of " + ", ".join(map(str, column.choices))]
            if column.minimum is not None:
                told.append(f"at least {column.minimum}")
            if column.maximum is not None:
                told.append(f"at most {column.maximum}")
            if column.aliases:
                told.append("also named " + ", ".join(column.aliases))
            needed = "required" if column.required else "may be empty"
            if not column.header:
                needed = "the column may be left out"
            rows.append([
                    paragraph(code(column.name)), paragraph("; ".join(told)),
                    paragraph(needed)])
        return table([30, 45, 25], ["Column", "Value", "Presence"], rows)


class Reports(Directive):

    def run(self):
        from trytond.modules.coop_cae.report import REPORTS
        rows = [
            [paragraph(code(name)), paragraph("; ".join(columns))]
            for name, (_, columns) in REPORTS.items()]
        return [table([25, 75], ["Report", "Columns"], rows)]


# The changes

class Changes(Directive):

    def run(self):
        path = ROOT / 'CHANGELOG'
        self.state.document.settings.record_dependencies.add(str(path))
        items = []
        for line in path.read_text('utf-8').splitlines():
            if line.startswith('* '):
                items.append([line[2:]])
            elif line.strip() and items:
                items[-1].append(line.strip())
        return [bullets(
                paragraph(*(
                        code(part) if i % 2 else part
                        for i, part in enumerate(
                            ' '.join(item).split('`')) if part))
                for item in items)]


# The files of a module

class Files(Directive):
    required_arguments = 1

    def run(self):
        folder = ROOT / 'modules' / self.arguments[0]
        rows = []
        for path in sorted(folder.rglob('*.py')):
            relative = path.relative_to(folder)
            if relative.parts[0] == 'tests' or path.name == '__init__.py':
                continue
            rows.append([
                    paragraph(code(str(relative))),
                    paragraph(*_words(path))])
        return [table([40, 60], ["File", "What it has"], rows)]


def _words(path):
    "Return the first words of the file, or the models that it has"
    tree = ast.parse(path.read_bytes())
    if text := ast.get_docstring(tree):
        return [_sentence(text.split('\n\n')[0])]
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == '__name__'
                for t in node.targets) and isinstance(
                    node.value, ast.Constant):
            names[node.value.value] = None
    return _listed(map(code, names))


def setup(app):
    app.add_directive('coop-models', Models)
    app.add_directive('coop-menus', Menus)
    app.add_directive('coop-commands', Commands)
    app.add_directive('coop-tables', Tables)
    app.add_directive('coop-reports', Reports)
    app.add_directive('coop-changes', Changes)
    app.add_directive('coop-files', Files)
    return {'parallel_read_safe': True}
