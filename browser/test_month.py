# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accountant closes a month: what is left, an import, the close."""
from browser.client import digits

PAYSLIP = """\
company;period;entrepreneur;activity;gross;employee_contributions;income_tax;\
employer_contributions;net
COOPILOTE;2024-12;E0009;A0009;800,00;174,24;0,00;246,00;625,76
"""


def test_month(client):
    "From the home to a closed month, and back"
    with client('comptable', 'connexion') as c:
        c.no_error()
        december = c.row("Coopilote", "2024-12")
        before = month(c)
        assert before['state'] == 'ready'
        assert "À clôturer" in december.inner_text()
        c.picture('accueil_comptable')

        c.open("CAE", "Importer des fichiers")
        c.add(c.dialog)
        c.attach('payslips.csv', PAYSLIP)
        c.button("Ajouter")
        c.picture('import')
        c.button("Importer")
        c.no_error()
        c.button("OK")
        imported = month(c)
        assert imported['payslips'] == before['payslips'] + 1

        c.reload()
        # The first click on a line of a list selects it
        c.choose("2024-12")
        december.get_by_role('button', name="Clôturer").click()
        c.idle()
        c.no_error()
        gross = c.get('gross', c.dialog)
        assert gross not in {'', '0,00'}
        c.dialog.get_by_text("Hugo Dublin").first.wait_for()
        c.picture('cloture_apercu')
        c.button("Clôturer")
        c.no_error()
        c.picture('cloture_resultat')
        c.button("OK")

        assert "Clôturé" in december.inner_text()
        closed = month(c)
        assert closed['state'] == 'closed'
        assert closed['payslips'] == 0
        assert f"{closed['gross']:.2f}" == digits(gross)
        assert closed['contribution'] == sum(
            r['amount'] for r in c.read('cae.contribution', [
                    ('close.period', '=', closed['period']),
                    ('close.state', '=', 'done'),
                    ], 'amount'))
        slip, = c.read('cae.payslip', [
                ('entrepreneur.code', '=', 'E0009'),
                ('period', '=', closed['period']),
                ], 'state', 'move')
        assert slip['state'] == 'posted' and slip['move']

        c.unfold("2024-12")
        c.press('open_entries')
        c.no_error()
        assert c.rows.count() > 2

        # The only close of the month is shown, not a list of one
        c.close_tab()
        c.press('open_closes')
        c.no_error()
        assert c.get('period') == "2024-12"
        assert c.get('state')


def month(c):
    "Return what the server tells of the last month"
    found, = c.read(
        'cae.company.month', [('period.name', '=', '2024-12')],
        'state', 'payslips', 'gross', 'contribution', 'period')
    return found
