# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""References to the documents of Tryton's own modules, as its documents write
them: `text <account:model-account.move>`."""
from docutils import nodes

URL = 'https://docs.tryton.org/{series}/modules-{module}/design.html#{label}'


def resolve(app, env, node, contnode):
    module, colon, label = node.get('reftarget', '').partition(':')
    if node.get('reftype') != 'ref' or not colon:
        return None
    uri = URL.format(
        series=app.config.version, module=module.replace('_', '-'),
        label=label.replace('_', '-'))
    return nodes.reference(
        '', contnode.astext(), refuri=uri, internal=False)


def setup(app):
    app.connect('missing-reference', resolve)
    return {'parallel_read_safe': True}
