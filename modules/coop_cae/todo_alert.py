# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Advisers told by e-mail of what is to be done, each thing once by
distance."""
from collections import defaultdict
from email.message import EmailMessage
from email.utils import formataddr

import trytond.config as config
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_cae.rules.cell import one_line
from trytond.modules.coop_ledger.bulk import insert
from trytond.pool import Pool, PoolMeta
from trytond.sendmail import send_message_transactional
from trytond.transaction import Transaction

from .rules.todo import alert_distances, distance_reached
from .todo import reckon


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('cae.todo.alert|tell', "Tell Advisers What Is to Be Done"))


class TodoAlert(ModelSQL, ModelView):
    __name__ = 'cae.todo.alert'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True,
        ondelete='CASCADE')
    key = fields.Integer(
        "Key", required=True, readonly=True,
        help="The identifier in the list of what is to be done.")
    deadline = fields.Date("By", required=True, readonly=True)
    distance = fields.Integer(
        "Days Before", required=True, readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('told_once', Unique(
                    table, table.key, table.deadline, table.distance),
                'coop_cae.msg_todo_alert_unique'),
            ]
        cls._order = [('id', 'DESC')]

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{lang.strftime(self.deadline)} – {self.distance}'

    @classmethod
    def tell(cls, date=None):
        "Send to each adviser what they were not told of yet, in one message"
        pool = Pool()
        Company = pool.get('company.company')
        Configuration = pool.get('cae.configuration')
        context = Transaction().context
        if not context.get('company'):
            # A cron that is older than the companies names none
            for company in Company.search([]):
                with Transaction().set_context(company=company.id):
                    cls.tell(date=date)
            return
        company = Company(context['company'])
        days = Configuration(1).get_setting('alert_days', company)
        if not days:
            return
        date = date or pool.get('ir.date').today()
        # Two tell not at once
        cls.lock()
        news = cls._news(company, date, alert_distances(days))
        for adviser, todos in news.items():
            cls._send(company, adviser, todos)
        insert(cls, ['company', 'key', 'deadline', 'distance'], [
                (company.id, key, todo['deadline'], distance)
                for todos in news.values()
                for key, distance, todo in todos])

    @classmethod
    def _news(cls, company, date, distances):
        "Return what is to be told, by adviser who has an address"
        pool = Pool()
        Adviser = pool.get('cae.adviser')
        advisers = {
            a.id: a for a in Adviser.search([('user.email', '!=', None)])
            if a.user.email}
        told = {
            (a.key, a.deadline, a.distance)
            for a in cls.search([('company', '=', company.id)], order=[])}
        news = defaultdict(list)
        for row in reckon([company.id], date):
            todo = row._asdict()
            distance = distance_reached(todo['days_left'], distances)
            known = (todo['id'], todo['deadline'], distance)
            if (todo['adviser'] in advisers and distance is not None
                    and known not in told):
                news[advisers[todo['adviser']]].append(
                    (todo['id'], distance, todo))
        return news

    @classmethod
    def _send(cls, company, adviser, todos):
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        Todo = pool.get('cae.todo')
        user = adviser.user
        language = (
            user.language.code if user.language else Transaction().language)
        with Transaction().set_context(language=language):
            lang = pool.get('ir.lang').get()
            kinds = dict(Todo.fields_get(['kind'])['kind']['selection'])
            people = {
                e.id: e for e in Entrepreneur.browse(
                    list({t['entrepreneur'] for _, _, t in todos}))}
            lines = [
                gettext(
                    'coop_cae.msg_todo_alert_line',
                    deadline=lang.strftime(todo['deadline']),
                    kind=kinds[todo['kind']],
                    entrepreneur=people[todo['entrepreneur']].rec_name,
                    article=todo['article'])
                for _, _, todo in sorted(
                    todos, key=lambda t: (t[2]['deadline'], t[0]))]
            message = EmailMessage()
            message['From'] = config.get('email', 'from')
            message['To'] = formataddr(
                (one_line(user.name), one_line(user.email)))
            message['Subject'] = one_line(gettext(
                    'coop_cae.msg_todo_alert_subject', count=len(todos),
                    company=company.rec_name))
            message.set_content('\n'.join([
                        gettext('coop_cae.msg_todo_alert_intro'), '',
                        *lines]))
        send_message_transactional(message)
