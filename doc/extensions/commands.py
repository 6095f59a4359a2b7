# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The command line and the files that it reads and writes, from the sources.

coop-commands           the command line, from its parser
coop-tables             the columns of the files, from their readers
coop-reports            the columns of what the command line prints
"""
from docutils import nodes
from elements import (
    SourceDirective, code, listed, paragraph, section, sentence, table)


class Commands(SourceDirective):

    def run(self):
        self.depend('modules/coop_cae/scripts/*.py')
        from trytond.modules.coop_cae.scripts import language
        from trytond.modules.coop_cae.scripts.main import get_parser
        language.speak(language.ENGLISH)
        parser = get_parser()
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
                    paragraph(sentence(
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
            rows.append([paragraph(*listed(map(code, names))),
                    paragraph(sentence(told))])
        if not rows:
            return paragraph("It has no option of its own.")
        return table([35, 65], ["Option", "What it does"], rows)


def _usage(parser):
    formatter = parser._get_formatter()
    formatter._width = 72
    formatter.add_usage(
        parser.usage, parser._actions, parser._mutually_exclusive_groups)
    return formatter.format_help().strip()


class Tables(SourceDirective):

    def run(self):
        self.depend('modules/coop_cae/tables/*.py', 'modules/*/import_past.py')
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


class Reports(SourceDirective):

    def run(self):
        self.depend('modules/coop_cae/report.py')
        from trytond.modules.coop_cae.report import REPORTS
        rows = [
            [paragraph(code(name)), paragraph("; ".join(columns))]
            for name, (_, columns) in REPORTS.items()]
        return [table([25, 75], ["Report", "Columns"], rows)]


def setup(app):
    app.add_directive('coop-commands', Commands)
    app.add_directive('coop-tables', Tables)
    app.add_directive('coop-reports', Reports)
    return {'parallel_read_safe': True}
