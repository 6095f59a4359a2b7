# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The user who is an entrepreneur only is confined to what is theirs.

To such a user nothing answers but the models, reports and wizards that are
granted to their group: what another module adds is closed until somebody
decides.  Of the models that they read as an entrepreneur, rules keep the
records of others away, even if they are of the staff too.
"""
from collections import namedtuple

from sql import Literal, Null

from trytond.cache import Cache
from trytond.i18n import gettext
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.record_access import guard_rpc
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, Id
from trytond.transaction import Transaction

GROUP = 'group_cae_entrepreneur'
STAFF = ['group_cae_adviser', 'group_cae_accountant', 'group_cae_manager']
# What clients need of the models of Tryton itself: labels, views and menus,
# what is attached to a record, and the user's own settings
CLIENT = {
    'ir.action', 'ir.action.act_window', 'ir.action.act_window.domain',
    'ir.action.act_window.view', 'ir.action.keyword', 'ir.action.report',
    'ir.action.url', 'ir.action.wizard', 'ir.attachment', 'ir.avatar',
    'ir.calendar.day', 'ir.calendar.month', 'ir.export', 'ir.export.line',
    'ir.lang', 'ir.message', 'ir.model', 'ir.model.button',
    'ir.model.button.rule', 'ir.model.field', 'ir.note', 'ir.translation',
    'ir.ui.icon', 'ir.ui.menu', 'ir.ui.view'}
# The forms of what they open, which are not stored
FORMS = {
    'cae.activity.figures.context', 'cae.activity.statement.context',
    'cae.pay.estimate.start'}
# Those that a user writes for themselves
OWN = {
    'ir.ui.view_search', 'ir.ui.view_tree_optional', 'ir.ui.view_tree_state',
    'ir.ui.view_tree_width', 'res.user.warning'}
# What Tryton looks up in answering
LOOKED_UP = {'ir.email.template'}
# What clients ask of models that are not read
ASKED = {
    'ir.chat.channel': {'get_models'},
    'ir.date': {'today'},
    'ir.model.access': {'get_access'},
    'ir.model.button.click': {'get_click'},
    'ir.ui.menu.favorite': {'get', 'set', 'unset'},
    'res.notification': {'get', 'get_count', 'list_icons', 'mark_read'},
    'res.user': {
        'get_notifications', 'get_preferences',
        'get_preferences_fields_view', 'set_preferences'},
    'res.user.device': {'renew'},
    }
MODES = ['read', 'write', 'create', 'delete']

# For the states of fields, and for the columns of lists
is_entrepreneur = Id('coop_cae', GROUP).in_(
    Eval('context', {}).get('groups', []))
list_is_entrepreneur = Id('coop_cae', GROUP).in_(Eval('groups', []))


class Own(namedtuple('Own', ['entrepreneurs', 'parties', 'only'])):
    """The ids of the entrepreneurs that a user is, and of their parties, and
    whether the user is nothing else"""


def own():
    "Return what is of a user who is an entrepreneur, None for who is not"
    Entrepreneur = Pool().get('cae.entrepreneur')
    return Entrepreneur.of_user()


def confinement():
    "Return to what the user is confined, None for who is not"
    return found if (found := own()) and found.only else None


class Entrepreneur(metaclass=PoolMeta):
    __name__ = 'cae.entrepreneur'

    user = fields.Many2One(
        'res.user', "User", ondelete='SET NULL',
        help="The user as whom the entrepreneur looks at their activities.")
    _of_user_cache = Cache('cae.entrepreneur.of_user', context=False)

    @classmethod
    def of_user(cls):
        "Return what is of a user who is an entrepreneur, None for who is not"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        transaction = Transaction()
        groups = transaction.user and set(User.get_groups())
        if not groups:
            return None
        try:
            group, *staff = (
                ModelData.get_id('coop_cae', name) for name in [GROUP, *STAFF])
        except KeyError:
            # The groups come with the module
            return None
        if group not in groups:
            return None
        found = cls._of_user_cache.get(transaction.user)
        if found is None:
            table = cls.__table__()
            cursor = transaction.connection.cursor()
            cursor.execute(*table.select(
                    table.id, table.party,
                    where=table.user == transaction.user))
            rows = sorted(cursor)
            found = cls._of_user_cache.set(
                transaction.user, (
                    tuple(id_ for id_, _ in rows),
                    tuple(sorted({party for _, party in rows}))))
        return Own(*found, only=not groups & set(staff))

    @classmethod
    def on_modification(cls, mode, entrepreneurs, field_names=None):
        super().on_modification(mode, entrepreneurs, field_names=field_names)
        if (mode != 'write'
                or {'user', 'party'} & (field_names or {'user'})):
            cls._of_user_cache.clear()


class Rule(metaclass=PoolMeta):
    __name__ = 'ir.rule'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.domain.help += (
            '\n- "cae_confined" as whether the user reads the model as an '
            'entrepreneur, "cae_entrepreneurs" and "cae_parties" as the lists '
            'of ids of who they are')

    @classmethod
    def _get_cache_key(cls, model_names):
        found = own()
        return (
            *super()._get_cache_key(model_names),
            found and (Transaction().user, *found))

    @classmethod
    def _get_context(cls, model_name):
        context = super()._get_context(model_name)
        found = own()
        context['cae_confined'] = found is not None and (
            found.only or _read_only_so(model_name))
        if found:
            context['cae_entrepreneurs'] = list(found.entrepreneurs)
            context['cae_parties'] = list(found.parties)
        return context


def _read_only_so(model):
    "Return whether of the groups of the user only the entrepreneurs' reads"
    pool = Pool()
    Access = pool.get('ir.model.access')
    ModelData = pool.get('ir.model.data')
    User = pool.get('res.user')
    table = Access.__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*table.select(
            table.group,
            where=(table.model == model)
            & (table.active == Literal(True))
            & (table.perm_read == Literal(True))
            & (table.group.in_(User.get_groups()) | (table.group == Null))))
    return {group for group, in cursor} == {
        ModelData.get_id('coop_cae', GROUP)}


class ModelAccess(metaclass=PoolMeta):
    __name__ = 'ir.model.access'
    _granted_cache = Cache('ir_model_access.cae_granted', context=False)

    @classmethod
    def get_access(cls, models):
        access = super().get_access(models)
        if confinement() is None:
            return access
        granted = cls._granted()
        return {
            model: cls._confined(model, values, granted)
            for model, values in access.items()}

    @classmethod
    def cae_answers(cls, model):
        "Whether a model answers at all to the clients of confined users"
        return (
            model in {*CLIENT, *FORMS, *OWN}
            or 'read' in cls._granted().get(model, ''))

    @classmethod
    def _confined(cls, model, access, granted):
        if model.startswith(('ir.', 'res.')):
            if model in CLIENT or model in LOOKED_UP:
                return {m: m == 'read' and access[m] for m in MODES}
            # Tryton itself uses those that no client can read
            if model in OWN or 'read' not in Pool().get(model).__rpc__:
                return access
        if model in FORMS:
            return access
        return {m: m in granted.get(model, '') for m in MODES}

    @classmethod
    def _granted(cls):
        "Return the modes that the group has by model"
        ModelData = Pool().get('ir.model.data')
        group = ModelData.get_id('coop_cae', GROUP)
        granted = cls._granted_cache.get(group)
        if granted is None:
            table = cls.__table__()
            cursor = Transaction().connection.cursor()
            cursor.execute(*table.select(
                    table.model, *(
                        getattr(table, f'perm_{mode}') for mode in MODES),
                    where=(table.group == group)
                    & (table.active == Literal(True))))
            granted = cls._granted_cache.set(group, {
                    model: [m for m, perm in zip(MODES, perms) if perm]
                    for model, *perms in cursor})
        return granted

    @classmethod
    def on_modification(cls, mode, records, field_names=None):
        super().on_modification(mode, records, field_names=field_names)
        cls._granted_cache.clear()


class ConfinedModel:
    "Make each method that RPC calls refuse the models that are not granted"
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is ConfinedModel:
            guard_rpc(cls, _guard)


def _guard(model, method, rpc):
    if method in ASKED.get(model.__name__, ()):
        return

    def check(*args):
        ModelAccess = Pool().get('ir.model.access')
        if confinement() is None:
            return
        if not ModelAccess.cae_answers(model.__name__):
            raise AccessError(gettext(
                    'ir.msg_access_rule_error', **model.__names__()))
    return check


def _check_granted(kind, name, action=None):
    "Refuse to a confined user the actions that their group has not"
    pool = Pool()
    Action = pool.get(f'ir.action.{kind}')
    ModelData = pool.get('ir.model.data')
    if not Transaction().user or confinement() is None:
        return
    group = ModelData.get_id('coop_cae', GROUP)
    if group not in Action.get_groups(name, action):
        raise AccessError(gettext(f'ir.msg_access_{kind}_error', **{
                    kind: name}))


class ConfinedWizard:
    __slots__ = ()

    @classmethod
    def check_access(cls, *args, **kwargs):
        _check_granted(
            'wizard', cls.__name__, Transaction().context.get('action_id'))
        super().check_access(*args, **kwargs)


class ConfinedReport:
    __slots__ = ()

    @classmethod
    def execute(cls, ids, data):
        _check_granted('report', cls.__name__, data.get('action_id'))
        return super().execute(ids, data)
