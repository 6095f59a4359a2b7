# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What files of the repository tell by themselves.

coop-files MODULE       the files of a module, from their first words
coop-changes            what changed
"""
import ast

from elements import (
    ROOT, SourceDirective, bullets, code, listed, paragraph, sentence, table)


class Changes(SourceDirective):

    def run(self):
        self.depend('CHANGELOG')
        path = ROOT / 'CHANGELOG'
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


class Files(SourceDirective):
    required_arguments = 1

    def run(self):
        self.depend(f'modules/{self.arguments[0]}/**/*.py')
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
        return [sentence(text.split('\n\n')[0])]
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == '__name__'
                for t in node.targets) and isinstance(
                    node.value, ast.Constant):
            names[node.value.value] = None
    return listed(map(code, names))


def setup(app):
    app.add_directive('coop-changes', Changes)
    app.add_directive('coop-files', Files)
    return {'parallel_read_safe': True}
