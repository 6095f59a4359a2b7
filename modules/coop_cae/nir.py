# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The social-security numbers of people, which only payroll sees.

They are not identifiers of the party, which everybody reads.  Nor do people
give access to them: no field leads from the entrepreneur to the number.
"""
import stdnum.exceptions
from stdnum.fr import nir

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .exceptions import NirError, NirWarning
from .rules.nir import is_provisional, unusual


class Nir(ModelSQL, ModelView):
    __name__ = 'cae.nir'

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    number = fields.Char(
        "Social-Security Number", required=True,
        help="The NIR: thirteen digits and a key of two.")
    provisional = fields.Function(
        fields.Boolean(
            "Provisional", help="To be replaced by the final number."),
        'on_change_with_provisional')

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('entrepreneur_unique', Unique(table, table.entrepreneur),
                'coop_cae.msg_nir_entrepreneur_unique'))
        cls._order = [('entrepreneur', 'ASC'), ('id', 'ASC')]

    @fields.depends('entrepreneur', '_parent_entrepreneur.company')
    def on_change_with_company(self, name=None):
        return self.entrepreneur.company if self.entrepreneur else None

    @classmethod
    def search_company(cls, name, clause):
        return [('entrepreneur.' + clause[0], *clause[1:])]

    @fields.depends('number')
    def on_change_with_provisional(self, name=None):
        return is_provisional(nir.compact(self.number or ''))

    @fields.depends('number')
    def on_change_with_number(self):
        return nir.compact(self.number) if self.number else None

    def get_rec_name(self, name):
        # Whatever names the record does not tell the number
        return self.entrepreneur.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]

    @classmethod
    def preprocess_values(cls, mode, values):
        values = super().preprocess_values(mode, values)
        if values.get('number'):
            values['number'] = nir.compact(values['number'])
        return values

    @classmethod
    def validate_fields(cls, numbers, field_names):
        super().validate_fields(numbers, field_names)
        if field_names and not field_names & {'entrepreneur', 'number'}:
            return
        for number in numbers:
            number._check()
            number._check_others()
        for number in numbers:
            number._ask_unusual()

    def _check(self):
        try:
            nir.validate(self.number)
        except stdnum.exceptions.ValidationError:
            raise NirError(gettext(
                    'coop_cae.msg_nir_invalid',
                    entrepreneur=self.entrepreneur.rec_name))

    @without_check_access
    def _check_others(self):
        "The same person may be an entrepreneur of two companies"
        if self.search([
                    ('number', '=', self.number),
                    ('entrepreneur.party', '!=', self.entrepreneur.party.id),
                    ], limit=1, order=[]):
            raise NirError(gettext(
                    'coop_cae.msg_nir_other',
                    entrepreneur=self.entrepreneur.rec_name))

    def _ask_unusual(self):
        Warning = Pool().get('res.user.warning')
        person = self.entrepreneur
        found = unusual(self.number, person.gender, person.birth_date)
        if not found:
            return
        # The record that is created has another id at each try
        key = Warning.format('nir_' + '_'.join(found), [person])
        if Warning.check(key):
            raise NirWarning(key, gettext(
                    'coop_cae.msg_nir_unusual', entrepreneur=person.rec_name,
                    unusual=', '.join(
                        gettext(f'coop_cae.msg_nir_unusual_{name}')
                        for name in found)))


class Identifier(metaclass=PoolMeta):
    __name__ = 'party.identifier'

    @classmethod
    def validate_fields(cls, identifiers, field_names):
        super().validate_fields(identifiers, field_names)
        if not field_names or field_names & {'type', 'party'}:
            _refuse_on_party([
                    i.party for i in identifiers if i.type == 'fr_nir'])


class Entrepreneur(metaclass=PoolMeta):
    __name__ = 'cae.entrepreneur'

    @classmethod
    def validate_fields(cls, entrepreneurs, field_names):
        super().validate_fields(entrepreneurs, field_names)
        if not field_names or 'party' in field_names:
            _refuse_on_party([
                    e.party for e in entrepreneurs
                    if any(i.type == 'fr_nir' for i in e.party.identifiers)])


@without_check_access
def _refuse_on_party(parties):
    "Refuse the NIR of entrepreneurs where everybody reads it"
    Entrepreneur = Pool().get('cae.entrepreneur')
    if not parties:
        return
    found = Entrepreneur.search([
            ('party', 'in', [p.id for p in parties]),
            ], limit=1, order=[])
    if found:
        raise NirError(gettext(
                'coop_cae.msg_nir_party', party=found[0].party.rec_name))
