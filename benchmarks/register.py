# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The register of shares at a date: 10,000 members and 100,000 movements.

- holdings: what each member holds of each class;
- lots: what is left of each subscription, and what is paid of it;
- check: the register beside the ledger, person by person;
- interest: the interest of each member for the year, by days;
- raw: one GROUP BY of the same movements by member and class (the floor);
- raw_interest: one GROUP BY that weighs them by the days of the year;
- orm: some members movement by movement, taken in proportion (the usual way).
"""
import datetime as dt
from decimal import Decimal

from common import is_sqlite, run, transaction

MEMBERS = 10_000
EACH = 10
SAMPLE = 20
DATE = dt.date(2024, 9, 30)
DATABASE = 'bench_register'


def read_holdings(pool, company):
    pool.get('coop.share.movement').holdings(company, DATE)


def read_lots(pool, company):
    pool.get('coop.share.movement').lots(company, DATE)


def read_check(pool, company):
    pool.get('coop.share.movement').discrepancies(company, DATE)


def read_interest(pool, company):
    from trytond.modules.coop_shares.interest import by_member
    Surplus = pool.get('coop.surplus')
    FiscalYear = pool.get('account.fiscalyear')
    year, = FiscalYear.search([
            ('company', '=', company.id),
            ('start_date', '<=', DATE), ('end_date', '>=', DATE)])
    assert by_member(Surplus(
            company=company, fiscalyear=year, basis='days',
            interest_rate=Decimal('0.03')))


def read_raw_interest(pool, company):
    from trytond.transaction import Transaction
    days = "julianday('2024-12-31') - julianday({0})"
    if not is_sqlite():
        days = "DATE '2024-12-31' - {0}"
    cursor = Transaction().connection.cursor()
    cursor.execute(
        f"SELECT m.member, SUM(m.paid * ({days.format('m.date')} + 1)) "
        'FROM coop_share_movement m LEFT JOIN coop_share_movement r '
        'ON m.reversal_of = r.id '
        f"WHERE m.company = {company.id} AND m.state = 'posted' "
        "AND m.date <= '2024-12-31' GROUP BY m.member")
    cursor.fetchall()


def read_raw(pool, company):
    from trytond.transaction import Transaction
    mark = '?' if is_sqlite() else '%s'
    cursor = Transaction().connection.cursor()
    cursor.execute(
        'SELECT member, share_class, SUM(quantity), SUM(amount) '
        f'FROM coop_share_movement WHERE company = {company.id} '
        f'AND state = {mark} AND date <= {mark} '
        'GROUP BY member, share_class', ('posted', DATE))
    cursor.fetchall()


def read_orm(pool, company):
    Member = pool.get('coop.member')
    for member in Member.search([], limit=SAMPLE):
        sum(
            m.quantity for m in member.movements
            if m.state == 'posted' and m.date <= DATE)


WAYS = {
    'holdings': read_holdings,
    'lots': read_lots,
    'check': read_check,
    'interest': read_interest,
    'raw': read_raw,
    'raw_interest': read_raw_interest,
    'orm': read_orm,
    }


def add_register(pool, company):
    "Add members with their movements, written without any check"
    from trytond.modules.coop_ledger.bulk import insert
    from trytond.modules.coop_ledger.update import assign
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    class_, = pool.get('coop.share.class').search(
        [('company', '=', company.id)])
    start = dt.date(2024, 1, 1)
    parties = insert(pool.get('party.party'), ['name', 'code'], [
            (f"Member {i}", f'M{i}') for i in range(MEMBERS)])
    members = insert(
        Member, ['company', 'party', 'number', 'admission_date'], [
            (company.id, party, str(i), start)
            for i, party in enumerate(parties, 1)])
    names = [
        'company', 'member', 'share_class', 'type', 'state', 'date', 'since',
        'number', 'quantity', 'nominal', 'amount', 'called', 'paid']
    rows = []
    for n in range(EACH):
        for i, member in enumerate(members):
            date = start + dt.timedelta(30 * n + i % 28)
            quantity = 1 + (i + n) % 7
            amount = Decimal(20) * quantity
            rows.append((
                    company.id, member, class_.id, 'subscription', 'posted',
                    date, date, str(len(rows) + 1), quantity, Decimal(20),
                    amount, amount, amount))
    ids = insert(Movement, names, rows)
    assign(Movement, 'lot', [(id_, id_) for id_ in ids])


def fill(database):
    with transaction(database) as (pool, current, company):
        add_register(pool, company)
        current.commit()


def show(measure):
    results = {way: measure(way=way) for way in WAYS}
    seconds = {way: results[way]['seconds'] for way in WAYS}
    seconds['orm'] *= MEMBERS / SAMPLE
    print(f'{MEMBERS} members, {MEMBERS * EACH} movements')
    for way, value in seconds.items():
        raw = seconds['raw_interest' if 'interest' in way else 'raw']
        print(
            f"{way:14}{value:8.2f}s  {value / raw:6.1f}x  "
            f"{results[way]['memory']:5.0f}M", flush=True)


if __name__ == '__main__':
    run(__file__, __doc__, DATABASE, WAYS, fill, show)
