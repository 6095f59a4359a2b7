# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The rows of a list of figures as a spreadsheet (ODS)."""
from xml.etree import ElementTree

from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.report import Report
from trytond.transaction import without_check_access

from .figure import period
from .figures import user_companies


class FigureSheet(Report):
    __name__ = 'cae.figure.sheet'

    @classmethod
    def check_access(cls, action, model, ids):
        Keyword = Pool().get('ir.action.keyword')
        # It is the client that tells the model
        with without_check_access():
            keywords = Keyword.search([('action', '=', action.action)])
        if model not in {str(k.model).split(',')[0] for k in keywords}:
            raise AccessError(gettext(
                    'ir.msg_access_report_error', report=cls.__name__))
        super().check_access(action, model, ids)

    @classmethod
    def get_context(cls, records, header, data):
        pool = Pool()
        Company = pool.get('company.company')
        lang = pool.get('ir.lang').get()
        Model = pool.get(data['model'])
        start, end = period()
        context = super().get_context(records, header, data)
        columns = _columns(Model)
        context.update(
            title=pool.get('ir.model').get_name(Model.__name__),
            period=gettext(
                'coop_cae.msg_figure_sheet_period',
                start=lang.strftime(start), end=lang.strftime(end)),
            mentions='; '.join(
                c.legal_mentions for c in Company.browse(user_companies())),
            headings=[c.heading for c in columns],
            rows=[
                [c.value(r) for c in columns]
                for r in Model.browse([int(r) for r in records])])
        return context


def _columns(Model):
    "Return the columns of the list of the model, in their order"
    view = Model.fields_view_get(view_type='tree')
    return [
        _Column(view['fields'][node.get('name')], node)
        for node in ElementTree.fromstring(view['arch']).iter('field')
        if node.get('tree_invisible') != '1']


class _Column:

    def __init__(self, definition, node):
        self._name = definition['name']
        self._type = definition['type']
        self._labels = dict(definition.get('selection') or [])
        # The only factor is that of a percentage
        self._factor = int(node.get('factor') or 1)
        self.heading = definition['string']
        if self._factor != 1:
            self.heading += ' (%)'

    def value(self, record):
        value = getattr(record, self._name)
        if value is None or value == '':
            return ''
        elif self._type == 'many2one':
            return value.rec_name
        elif self._type == 'selection':
            return self._labels[value]
        elif self._factor != 1:
            return value * self._factor
        return value
