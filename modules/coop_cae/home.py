# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The home of a group: what opens at login for its users.

Nothing is kept for a user: whoever is given the group has its home, until they
choose actions of their own in their preferences.
"""
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields, sequence_ordered
from trytond.modules.coop_access.arguments import takes
from trytond.modules.coop_access.exceptions import ArgumentError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, check_access


class Home(sequence_ordered(), ModelSQL, ModelView):
    __name__ = 'cae.home'

    group = fields.Many2One(
        'res.group', "Group", required=True, ondelete='CASCADE')
    action = fields.Many2One(
        'ir.action', "Action", required=True, ondelete='CASCADE',
        help="What opens at login for the users of the group who have chosen "
        "nothing else.")

    @classmethod
    def preprocess_values(cls, mode, values):
        Action = Pool().get('ir.action')
        values = super().preprocess_values(mode, values)
        if values.get('action') is not None:
            values['action'] = Action.get_action_id(values['action'])
        return values

    def get_rec_name(self, name):
        return self.action.rec_name

    @classmethod
    def of_user(cls):
        """Return the ids of the actions that the groups of the user open, of
        those that the user may launch"""
        pool = Pool()
        Action = pool.get('ir.action')
        User = pool.get('res.user')
        actions = list(dict.fromkeys(
                h.action.id for h in cls.search([
                        ('group', 'in', User.get_groups()),
                        ])))
        with check_access():
            launched = {
                a.id for a in Action.search([('id', 'in', actions)])}
        return [id_ for id_ in actions if id_ in launched]


class Group(metaclass=PoolMeta):
    __name__ = 'res.group'

    homes = fields.One2Many(
        'cae.home', 'group', "Homes",
        help="What opens at login for the users of the group who have chosen "
        "nothing else.")


class User(metaclass=PoolMeta):
    __name__ = 'res.user'

    @classmethod
    def _get_preferences(cls, user, context_only=False):
        Home = Pool().get('cae.home')
        preferences = super()._get_preferences(
            user, context_only=context_only)
        if not context_only and not preferences['actions']:
            preferences['actions'] = Home.of_user()
        return preferences

    @classmethod
    @takes(values='values')
    def set_preferences(cls, values):
        Home = Pool().get('cae.home')
        if 'actions' in values:
            # Clients send what they show, which may be the homes
            user = cls(Transaction().user)
            own = [a.id for a in user.actions]
            chosen = _apply(own or Home.of_user(), values['actions'] or [])
            if chosen == set(Home.of_user()):
                chosen = set()
            values = {**values, 'actions': [
                    ('remove', sorted(set(own) - chosen)),
                    ('add', sorted(chosen - set(own))),
                    ]}
        super().set_preferences(values)


def _apply(shown, commands):
    "Return the ids that are left once those that are shown were changed"
    chosen = set(shown)
    try:
        for command, ids, *_ in commands:
            if command == 'add':
                chosen.update(map(int, ids))
            elif command in {'remove', 'delete'}:
                chosen.difference_update(map(int, ids))
    except (TypeError, ValueError):
        raise ArgumentError(gettext(
                'coop_access.msg_argument', name='actions',
                value=repr(commands)[:100]))
    return chosen
