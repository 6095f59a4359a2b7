# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The monthly statements of all activities: made, attached and sent."""
import html
from collections import defaultdict
from email.utils import formataddr

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction, check_access
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import MonthlyStatementError

QUEUE = 'monthly-statements'
FORMATS = [
    ('odt', "ODT"),
    ('pdf', "PDF"),
    ]
# Tryton writes subjects in HTML as they are
NO_TAGS = str.maketrans('<>', '‹›')


class Activity(metaclass=PoolMeta):
    __name__ = 'cae.activity'

    @classmethod
    def running(cls, company, start, end):
        "Return the activities of the company that run on one of the days"
        return cls.search([
                ('company', '=', company.id),
                ('start_date', '<=', end),
                ['OR',
                    ('end_date', '=', None),
                    ('end_date', '>=', start),
                    ],
                ])

    @classmethod
    def queue_statements(cls, activities, date, extension, send=False):
        """Let the queue make the statements of the days of the month up to the
        date, and return the people to whom none can be sent"""
        with Transaction().set_context(queue_name=QUEUE, queue_batch=True):
            cls.__queue__.make_statements(
                activities, date, extension, send, Transaction().language)
        if not send:
            return []
        return [
            link.entrepreneur for activity in activities
            for link in activity.entrepreneurs
            if not link.entrepreneur.party.email]

    @classmethod
    def make_statements(
            cls, activities, date, extension='odt', send=False, language=None):
        """Attach to each activity its statement, in place of the one that it
        has for the month, and let the queue send it"""
        pool = Pool()
        Attachment = pool.get('ir.attachment')
        ActionReport = pool.get('ir.action.report')
        ModelData = pool.get('ir.model.data')
        Report = pool.get('cae.activity.monthly_statement', type='report')
        # One after the other, or an activity could get the document twice
        cls.lock(activities)
        action = ActionReport(ModelData.get_id('coop_cae', {
                    'odt': 'report_monthly_statement',
                    'pdf': 'report_monthly_statement_pdf'}[extension]))
        for name, activities in cls._by_name(activities, date, language):
            known = cls._statements(activities, name)
            attachments = []
            for activity, made, content in Report.documents(
                    activities, date, action):
                attachment = known.get(activity.id) or Attachment(
                    resource=activity)
                attachment.name = f'{name}.{made}'
                attachment.data = content
                attachments.append(attachment)
            Attachment.save(attachments)
            if send:
                with Transaction().set_context(
                        queue_name=QUEUE, queue_batch=True):
                    cls.__queue__.send_statements(activities, date, language)

    @classmethod
    def _by_name(cls, activities, date, language):
        """Yield the name of the document and the activities, in the language
        of each company"""
        companies = defaultdict(list)
        for activity in activities:
            companies[activity.company].append(activity.id)
        for company, ids in companies.items():
            lang = company.party.lang
            with Transaction().set_context(
                    company=company.id,
                    language=lang.code if lang
                    else language or Transaction().language):
                yield gettext(
                    'coop_cae.msg_monthly_statement_name',
                    month=date.strftime('%Y-%m')), cls.browse(ids)

    @classmethod
    def _statements(cls, activities, name):
        "Return the attached documents of the name by activity"
        Attachment = Pool().get('ir.attachment')
        return {
            a.resource.id: a for a in Attachment.search([
                    ('resource', 'in', list(map(str, activities))),
                    ('name', 'in', [f'{name}.{e}' for e, _ in FORMATS]),
                    ])}

    @classmethod
    def send_statements(cls, activities, date, language=None):
        """Send to each entrepreneur the statement of the activity, once for a
        month"""
        pool = Pool()
        Email = pool.get('ir.email')
        cls.lock(activities)
        for name, activities in cls._by_name(activities, date, language):
            documents = cls._statements(activities, name)
            sent = defaultdict(set)
            for email in Email.search([
                        ('resource', 'in', list(map(str, activities))),
                        ('subject', 'like', f'%{name}%'),
                        ]):
                sent[email.resource.id].update(
                    a.address for a in email.addresses)
            for activity in activities:
                for link in activity.entrepreneurs:
                    party = link.entrepreneur.party
                    if (activity.id not in documents or not party.email
                            or party.email in sent[activity.id]):
                        continue
                    values = {
                        'activity': activity.name, 'statement': name,
                        'company': activity.company.rec_name,
                        'entrepreneur': party.name or ''}
                    Email.send(
                        to=formataddr((party.name or '', party.email)),
                        subject=gettext(
                            'coop_cae.msg_monthly_statement_subject',
                            **values).translate(NO_TAGS),
                        body=''.join(
                            f'<p>{line}</p>' for line in gettext(
                                'coop_cae.msg_monthly_statement_body', **{
                                    k: html.escape(v)
                                    for k, v in values.items()
                                    }).splitlines()),
                        record=[cls.__name__, activity.id],
                        attachments=[documents[activity.id].id])


class MakeStatements(Wizard):
    __name__ = 'cae.activity.make_statements'

    start = StateView(
        'cae.activity.make_statements.start',
        'coop_cae.make_statements_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Make", 'make', 'tryton-ok', default=True),
            ])
    make = StateTransition()
    result = StateView(
        'cae.activity.make_statements.result',
        'coop_cae.make_statements_result_view_form', [
            Button("Close", 'end', 'tryton-close', default=True),
            ])

    def default_start(self, fields):
        if self.model and self.model.__name__ == 'cae.activity':
            return {'activities': [a.id for a in self.records]}
        return {}

    def transition_make(self):
        Activity = Pool().get('cae.activity')
        period = self.start.period
        with check_access():
            activities = Activity.search([
                    ('id', 'in', [a.id for a in self.start.activities]),
                    ('company', '=', self.start.company.id),
                    ]) if self.start.activities else Activity.running(
                        self.start.company, period.start_date,
                        period.end_date)
        if self.start.site:
            activities = [a for a in activities if a.site == self.start.site]
        if not activities:
            raise MonthlyStatementError(gettext(
                    'coop_cae.msg_monthly_statement_no_activity'))
        self.result.number = len(activities)
        self.result.without_email = '\n'.join(sorted({
                    e.rec_name for e in Activity.queue_statements(
                        activities, period.end_date, self.start.format,
                        self.start.send)}))
        return 'result'

    def default_result(self, fields):
        return {
            'number': self.result.number,
            'without_email': self.result.without_email,
            }


class MakeStatementsStart(ModelView):
    __name__ = 'cae.activity.make_statements.start'

    company = fields.Many2One('company.company', "Company", required=True)
    period = fields.Many2One(
        'account.period', "Month", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'standard'),
            ])
    site = fields.Many2One('cae.site', "Site")
    activities = fields.Many2Many(
        'cae.activity', None, None, "Activities",
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="All that run in the month, if it is empty.")
    format = fields.Selection(
        FORMATS, "Format", required=True, sort=False,
        help="PDF needs LibreOffice on the server.")
    send = fields.Boolean(
        "Send by E-mail",
        help="To each entrepreneur of the activity, once for a month.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_format(cls):
        return 'odt'


class MakeStatementsResult(ModelView):
    __name__ = 'cae.activity.make_statements.result'

    number = fields.Integer(
        "Statements", readonly=True,
        help="They are attached to the activities as they are made.")
    without_email = fields.Text(
        "Without E-mail", readonly=True,
        states={
            'invisible': ~Eval('without_email'),
            })
