# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The directive `screen`: a picture of a screen, as `make pictures` makes it
from the tests in a browser.

.. screen:: NAME
   :caption: What is seen
"""
from pathlib import Path

from docutils.parsers.rst import directives
from docutils.parsers.rst.directives.images import Figure

FOLDER = 'modules/coop_cae/pictures'


class Screen(Figure):
    option_spec = {'caption': directives.unchanged_required}

    def run(self):
        env = self.state.document.settings.env
        name = self.arguments[0]
        path = Path(env.srcdir, FOLDER, f'{name}.png')
        caption = self.options.pop('caption')
        if not path.exists():
            # It comes with the next `make pictures`
            env.note_reread()
            return []
        self.arguments[0] = f'/{FOLDER}/{name}.png'
        self.options['alt'] = caption
        self.content.data.append(caption)
        self.content.items.append((env.doc2path(env.docname), self.lineno))
        return super().run()


def setup(app):
    app.add_directive('screen', Screen)
    return {'parallel_read_safe': True}
