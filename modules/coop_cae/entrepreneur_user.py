# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The entrepreneur as a user: their login, and what it opens."""
from trytond.i18n import gettext
from trytond.model import ModelView
from trytond.modules.coop_access.user import sends_mail
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, PYSONEncoder
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import StateAction, Wizard

from .confinement import GROUP
from .exceptions import EntrepreneurUserError


class Entrepreneur(metaclass=PoolMeta):
    __name__ = 'cae.entrepreneur'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'create_user': {
                    'invisible': Bool(Eval('user')),
                    'depends': ['user'],
                    },
                })

    @classmethod
    @ModelView.button
    def create_user(cls, entrepreneurs):
        """Let the entrepreneurs log in, by the e-mail of their party

        Somebody who is an entrepreneur of two companies is one user.  They get
        an e-mail with a link to choose their password."""
        pool = Pool()
        User = pool.get('res.user')
        created = []
        with without_check_access():
            for entrepreneur in cls.browse(entrepreneurs):
                if entrepreneur.user:
                    continue
                user = entrepreneur._find_user()
                if not user:
                    user = entrepreneur._new_user()
                    created.append(user)
                user.companies = list({
                        *getattr(user, 'companies', ()),
                        entrepreneur.company})
                user.save()
                entrepreneur.user = user
                entrepreneur.save()
            if sends_mail():
                User.reset_password(created)
            elif created:
                cls.notify_user(
                    entrepreneurs, 'tryton-warning',
                    gettext('coop_cae.msg_entrepreneur_user_no_mail'))

    def _find_user(self):
        "Return the user that the person is as another entrepreneur"
        cls = self.__class__
        others = cls.search([
                ('party', '=', self.party.id),
                ('user', '!=', None),
                ], limit=1)
        return others[0].user if others else None

    def _new_user(self):
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        email = self.party.email
        if not email:
            raise EntrepreneurUserError(gettext(
                    'coop_cae.msg_entrepreneur_user_email',
                    entrepreneur=self.rec_name))
        if User.search([('login', '=', email)]):
            raise EntrepreneurUserError(gettext(
                    'coop_cae.msg_entrepreneur_user_login',
                    entrepreneur=self.rec_name, login=email))
        return User(
            name=self.party.rec_name, login=email, email=email,
            company=self.company,
            language=self.party.lang or User(Transaction().user).language,
            groups=[Group(ModelData.get_id('coop_cae', GROUP))])


class OpenOwnActivity(Wizard):
    "Open the activity of the user, or the list of theirs"
    __name__ = 'cae.activity.open_own'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('coop_cae.act_own_activity')

    def do_open_(self, action):
        pool = Pool()
        Activity = pool.get('cae.activity')
        Context = pool.get('cae.activity.figures.context')
        action['pyson_context'] = PYSONEncoder().encode({
                'figures_date': Context.default_figures_date(),
                })
        activities = Activity.search([
                ('entrepreneurs.entrepreneur.user', '=', Transaction().user),
                ])
        data = {}
        if len(activities) == 1:
            data['res_id'] = [activities[0].id]
            action['views'].reverse()
        return action, data
