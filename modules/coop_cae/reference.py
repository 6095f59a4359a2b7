# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields


class _Coded(DeactivableMixin, ModelSQL, ModelView):
    "A thing known by a short code in the files of the co-op."
    code = fields.Char("Code", required=True)

    @classmethod
    def __setup__(cls):
        cls.code.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('code_unique', Unique(table, table.code),
                'coop_cae.msg_code_unique'))
        cls._order.insert(0, ('code', 'ASC'))

    def get_rec_name(self, name):
        if self.name == self.code:
            return self.code
        return f'{self.name} ({self.code})'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op, ('code', operator, value), ('name', operator, value)]


class _Own(_Coded):
    "A thing of the co-op, which has one name."
    name = fields.Char("Name", required=True)


class Site(_Own):
    __name__ = 'cae.site'


class Adviser(_Own):
    __name__ = 'cae.adviser'
    user = fields.Many2One(
        'res.user', "User", ondelete='SET NULL',
        help="The user as whom the adviser works.")


class _Listed(_Coded):
    "A thing whose code stands only in files, and whose name is translated."
    # Not in _Coded too: models take the first definition of a field
    name = fields.Char("Name", required=True, translate=True)

    def get_rec_name(self, name):
        return self.name


class PriorStatus(_Listed):
    __name__ = 'cae.prior_status'


class ExitReason(_Listed):
    __name__ = 'cae.exit_reason'
    moved = fields.Boolean(
        "Move in the Group",
        help="To another co-operative of the group: it is no exit from the "
        "group.")


class Benefit(_Listed):
    __name__ = 'cae.benefit'


class Prescriber(_Listed):
    __name__ = 'cae.prescriber'
