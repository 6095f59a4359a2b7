# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The models and the menus, from the sources.

coop-models MODULE      the models of a module, and what it adds to others
coop-menus              the menus, in French and in English
"""
import functools
import itertools

from elements import (
    SourceDirective, bullets, code, emphasis, listed, paragraph, plain,
    section, table)

from tools import catalogue, sources

SOURCES = [
    'modules/*/*.py', 'modules/*/*.xml', 'modules/*/tryton.cfg',
    'modules/*/locale/fr.po']
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


class Models(SourceDirective):
    required_arguments = 1

    def run(self):
        self.depend(*SOURCES)
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
        label = plain(Model.__string__)
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
            if help_ := plain(field.help):
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
        label = self._text(plain(field.string))
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
            choices = [(k, plain(s)) for k, s in field.selection if s]
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
                    *listed(code(new) for _, new in news))
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
            return [paragraph("Rights: those of ", *listed(
                        code(a) for a in sorted(Model.__access__)), ".")]
        if not rows:
            return []
        rows.sort(key=lambda r: r[0].astext() == "others")
        return [table([40, 60], ["Group", "May"], rows)]

    def _group(self, identifier):
        record = self.found.records[identifier]
        english = record.values['name']
        return f"{english} ({self.found.translated(record)})"


class Menus(SourceDirective):

    def run(self):
        self.depend(*SOURCES)
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


def setup(app):
    app.add_directive('coop-models', Models)
    app.add_directive('coop-menus', Menus)
    return {'parallel_read_safe': True}
