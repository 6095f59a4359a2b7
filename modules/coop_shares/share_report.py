# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the documents of the shares print, read in sets."""
import datetime
import shutil
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import trytond.config as config
from trytond.i18n import gettext
from trytond.model import Model
from trytond.modules.company import CompanyReport
from trytond.modules.coop_access.record_access import check_companies
from trytond.pool import Pool
from trytond.transaction import Transaction

from .exceptions import PrintError
from .ledger import money
from .lot import paying_up_years
from .rules.paying_up import MOST_YEARS, State

ZERO = Decimal(0)


class ShareReport(CompanyReport):
    "A document of the shares: what they all need"
    __slots__ = ()

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        pool = Pool()
        context.update(
            lang=pool.get('ir.lang').get(),
            made_on=pool.get('ir.date').today(),
            company_lines=company_lines,
            address=address,
            legal_form=legal_form)
        context.update(cls.documents(records, data or {}))
        return context

    @classmethod
    def documents(cls, records, data):
        "Return what the template prints, by name"
        return {}

    @classmethod
    def convert(cls, action, data, timeout=5 * 60, retry=5):
        if (action.extension == 'pdf'
                and not config.get('report', 'convert_command')
                and not shutil.which('soffice')):
            raise PrintError(gettext('coop_shares.msg_print_no_converter'))
        return super().convert(action, data, timeout=timeout, retry=retry)


def company_lines(company):
    "Return the address of a company and its number"
    lines = address(company.party)
    if company.party.tax_identifier:
        lines.append(company.party.tax_identifier.rec_name)
    return lines


def address(party):
    "Return the lines of the address of a party"
    for address_ in party.addresses if party else []:
        if lines := (address_.full_address or '').splitlines():
            return lines
    return []


def legal_form(company):
    """Return what third parties read of the form of the company: its capital
    is variable (commercial code, article L231-2)"""
    Configuration = Pool().get('coop.share.configuration')
    configuration = Configuration(1)
    names = []
    if statute := configuration.get_setting('statute', company):
        names.append(gettext(f'coop_shares.msg_print_statute_{statute}'))
    form = configuration.get_setting('legal_form', company)
    if form and form != 'other':
        names.append(dict(Configuration.fields_get(['legal_form'])[
                    'legal_form']['selection'])[form])
    return gettext(
        'coop_shares.msg_print_legal_form', form=' '.join(names)).strip()


# The form that a subscriber signs

@dataclass(frozen=True, slots=True)
class Form:
    "A subscription to sign: from a request, or as the register has it"
    company: Model
    party: Model
    representative: Model | None
    share_class: Model
    quantity: int
    nominal: Decimal
    amount: Decimal
    called: Decimal
    basis: str
    date: datetime.date
    number: str
    spouse: Model | None = None
    spouse_told_on: datetime.date | None = None
    spouse_answer: str = ''

    @property
    def years(self):
        "Return within how many years all is to be paid"
        years = paying_up_years(self.company)
        return MOST_YEARS if years is None else years


class RequestForm(ShareReport):
    __name__ = 'coop.share.subscription.form'

    @classmethod
    def documents(cls, records, data):
        return {'forms': [_of_request(r) for r in records]}


class MovementForm(ShareReport):
    __name__ = 'coop.share.movement.form'

    @classmethod
    def documents(cls, records, data):
        return {'forms': [
                _of_movement(m) for m in records
                if m.type in {'subscription', 'conversion', 'interest'}]}


def _of_request(request):
    Class = Pool().get('coop.share.class')
    date = request.date or request.request_date
    nominal = Class.nominals_at(request.company, date).get(
        request.share_class.id, ZERO)
    answers = dict(request.fields_get(
            ['spouse_answer'])['spouse_answer']['selection'])
    amount = request.amount or ZERO
    return Form(
        company=request.company, party=request.party,
        representative=request.representative,
        share_class=request.share_class, quantity=request.quantity,
        nominal=nominal, amount=amount,
        called=amount if request.called is None else request.called,
        basis=gettext('coop_shares.msg_print_basis_subscription'), date=date,
        number=request.movement.number if request.movement else '',
        spouse=request.spouse, spouse_told_on=request.spouse_told_on,
        spouse_answer=answers.get(request.spouse_answer) or '')


def _of_movement(movement):
    Representative = Pool().get('coop.member.representative')
    return Form(
        company=movement.company, party=movement.member.party,
        representative=Representative.at(
            [movement.member], movement.date).get(movement.member.id),
        share_class=movement.share_class, quantity=movement.quantity,
        nominal=movement.nominal, amount=movement.amount,
        called=(
            movement.amount if movement.called is None else movement.called),
        basis=gettext(f'coop_shares.msg_print_basis_{movement.type}'),
        date=movement.date, number=movement.number or '')


# Members at a date

@dataclass(frozen=True, slots=True)
class ClassHeld:
    "What a member holds of a class"
    share_class: Model
    quantity: int
    nominal: Decimal
    state: State


@dataclass(frozen=True, slots=True)
class Holder:
    "A member at a date, with what is held"
    company: Model
    member: Model
    party: Model
    category: Model | None
    college: Model | None
    representative: Model | None
    date: datetime.date
    held: tuple[ClassHeld, ...]

    @property
    def quantity(self):
        return sum(h.quantity for h in self.held)

    @property
    def amount(self):
        return sum((h.state.amount for h in self.held), ZERO)

    @property
    def paid(self):
        return sum((h.state.paid for h in self.held), ZERO)

    @property
    def is_paid(self):
        return self.paid == self.amount


def holders(company, date, members=None):
    """Return the members of that day, or those asked for, with what they hold
    at the end of it"""
    pool = Pool()
    Category = pool.get('coop.member.category')
    Class = pool.get('coop.share.class')
    Classification = pool.get('coop.member.classification')
    College = pool.get('coop.college')
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    Representative = pool.get('coop.member.representative')
    if members is None:
        members = Member.members_at(company, date)
    known = Classification.at(company, date)
    nominals = Class.nominals_at(company, date)
    states = Movement.states(company, date)
    quantities = Movement.holdings(company, date)
    classes = Class.browse(sorted({c for _, c in quantities}))
    representatives = Representative.at(members, date)
    result = []
    for member in members:
        category, college = known.get(member.id, (None, None))
        result.append(Holder(
                company=company, member=member, party=member.party,
                category=category and Category(category),
                college=college and College(college),
                representative=representatives.get(member.id), date=date,
                held=tuple(
                    ClassHeld(
                        class_, quantities[member.id, class_.id][0],
                        nominals.get(class_.id, ZERO),
                        states[member.id, class_.id])
                    for class_ in classes
                    if quantities.get((member.id, class_.id), (0, 0))[0])))
    return result


class Certificate(ShareReport):
    __name__ = 'coop.member.certificate'

    @classmethod
    def documents(cls, records, data):
        by_company = defaultdict(list)
        for member in records:
            by_company[member.company].append(member)
        return {'holders': [
                holder for company, members in by_company.items()
                for holder in holders(company, _date(data), members)]}


class MemberList(ShareReport):
    __name__ = 'coop.member.list'

    @classmethod
    def documents(cls, records, data):
        company, date = _company(data), _date(data)
        found = sorted(
            holders(company, date), key=lambda h: h.party.name or '')
        return {
            'company': company, 'date': date, 'holders': found,
            'quantity': sum(h.quantity for h in found),
            'amount': sum((h.amount for h in found), ZERO),
            }


# The register, and the account of a member in it

@dataclass(frozen=True, slots=True)
class AccountLine:
    "A movement with what the member holds after it"
    movement: Model
    label: str
    quantity: int
    amount: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class MemberAccount:
    "The movements of a member, and what was held before them"
    holder: Holder
    from_date: datetime.date
    opening: AccountLine
    lines: tuple[AccountLine, ...]

    @property
    def closing(self):
        return (self.lines or (self.opening,))[-1]


class Account(ShareReport):
    __name__ = 'coop.member.account'

    @classmethod
    def documents(cls, records, data):
        from_date = data.get('from_date') or datetime.date.min
        by_company = defaultdict(list)
        for member in records:
            by_company[member.company].append(member)
        return {'accounts': [
                _account(holder, from_date)
                for company, members in by_company.items()
                for holder in holders(company, _date(data), members)]}


def _account(holder, from_date):
    Movement = Pool().get('coop.share.movement')
    labels = _labels()
    quantity, amount = 0, money(holder.company, 0)
    paid = amount
    opening, lines = None, []
    for movement in Movement.search([
                ('member', '=', holder.member.id),
                ('state', '=', 'posted'),
                ('date', '<=', holder.date),
                ], order=[('date', 'ASC'), ('number', 'ASC')]):
        if movement.date >= from_date and opening is None:
            opening = AccountLine(None, '', quantity, amount, paid)
        quantity += movement.quantity
        amount += movement.amount
        paid += movement.paid
        if opening is not None:
            lines.append(AccountLine(
                    movement, labels[movement.type], quantity, amount, paid))
    if opening is None:
        opening = AccountLine(None, '', quantity, amount, paid)
    return MemberAccount(holder, from_date, opening, tuple(lines))


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A movement as the register of holders tells it (commercial code, article
    R228-9): what one gives, another one may get."""
    movement: Model
    label: str
    category: Model | None
    other: str


class Register(ShareReport):
    __name__ = 'coop.share.register'

    @classmethod
    def documents(cls, records, data):
        pool = Pool()
        Category = pool.get('coop.member.category')
        Classification = pool.get('coop.member.classification')
        Movement = pool.get('coop.share.movement')
        company, date = _company(data), _date(data)
        from_date = data.get('from_date') or datetime.date.min
        movements = Movement.search([
                ('company', '=', company.id),
                ('state', '=', 'posted'),
                ('date', '>=', from_date),
                ('date', '<=', date),
                ], order=[('number', 'ASC')])
        labels = _labels()
        known = Classification.at(company, date)
        lines = []
        for movement in movements:
            category, _ = known.get(movement.member.id, (None, None))
            lines.append(RegisterLine(
                    movement, labels[movement.type],
                    category and Category(category), _other(movement)))
        return {
            'company': company, 'date': date, 'from_date': from_date,
            'lines': lines,
            'quantity': sum(line.movement.quantity for line in lines),
            'amount': sum((line.movement.amount for line in lines), ZERO),
            }


def _other(movement):
    "Return who the shares come from or go to"
    origin = movement.origin
    if movement.reversal_of:
        return gettext(
            'coop_shares.msg_print_reversal',
            number=movement.reversal_of.number)
    if movement.type == 'transfer' and origin:
        other = (
            origin.member if movement.quantity > 0 else origin.to_member)
        return other.rec_name
    return ''


def _labels():
    Movement = Pool().get('coop.share.movement')
    return dict(Movement.fields_get(['type'])['type']['selection'])


# Meetings

class Convocation(ShareReport):
    __name__ = 'coop.meeting.convocation'

    @classmethod
    def documents(cls, records, data):
        return {'letters': [
                (meeting, elector)
                for meeting in records for elector in meeting.electors
                if not elector.has_left]}


class Attendance(ShareReport):
    __name__ = 'coop.meeting.attendance'

    @classmethod
    def documents(cls, records, data):
        return {'sheets': [
                (meeting, _by_college(meeting)) for meeting in records]}


def _by_college(meeting):
    "Return pairs of a college, if any, and its electors by name"
    groups = defaultdict(list)
    for elector in meeting.electors:
        if elector.has_left:
            continue
        groups[elector.college].append(elector)
    return [
        (college, groups[college])
        for college in sorted(
            groups, key=lambda c: (c is None, c.code if c else ''))]


class InterestStatement(ShareReport):
    __name__ = 'coop.share.interest.statement'

    @classmethod
    def documents(cls, records, data):
        return {'interests': records}


def _company(data):
    Company = Pool().get('company.company')
    company = Company(
        data.get('company') or Transaction().context['company'])
    # It is the client that tells it
    if Transaction().check_access:
        check_companies([company])
    return company


def _date(data):
    return data.get('date') or Pool().get('ir.date').today()
