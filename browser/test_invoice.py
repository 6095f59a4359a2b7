# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accountant invoices a customer of an activity, who pays."""
from decimal import Decimal

from browser.client import digits

DAY = {'__class__': 'date', 'year': 2024, 'month': 12, 'day': 31}


def test_invoice_to_statement(client):
    with client('comptable') as c:
        before = figures(c)
        c.open("Financier", "Factures", "Factures client")
        c.new()
        c.pick('party', "Mairie de Dole")
        c.pick('activity', 'A0005')
        c.set('invoice_date', '10.12.2024')
        c.add()
        c.pick('account', '706', "706 - Prestations", c.dialog)
        c.set('quantity', '4', c.dialog)
        c.set('unit_price', '250', c.dialog)
        c.button("Ajouter")
        c.save()
        c.press('post')
        c.no_error()
        invoice = found(c)
        assert invoice['state'] == 'posted'
        assert invoice['untaxed_amount'] == Decimal(1000)
        c.picture('facture')

        c.press('pay')
        c.select('payment_method', "Virement", c.dialog)
        c.set('date', '20.12.2024', c.dialog)
        c.picture('paiement')
        c.button("OK")
        c.no_error()
        assert found(c)['state'] == 'paid'

        c.open("CAE", "Comptes des activités")
        c.search('A0005')
        c.unfold('A0005')
        c.relate("Compte de résultat")
        c.no_error()
        after = figures(c)
        shown = c.row("Chiffre d'affaires").locator(
            'td[data-title^="Montant"]').inner_text()
        assert digits(shown) == f"{after['turnover']:.2f}"
        c.picture('compte_resultat')
        assert after['turnover'] - before['turnover'] == Decimal(1000)
        assert after['cash'] - before['cash'] == invoice['total_amount']
        assert after['receivable'] == before['receivable']


def found(c):
    invoice, = c.read(
        'account.invoice', [('party.name', '=', "Mairie de Dole")],
        'state', 'untaxed_amount', 'total_amount')
    return invoice


def figures(c):
    activity, = c.read(
        'cae.activity', [('code', '=', 'A0005')],
        'turnover', 'cash', 'receivable', figures_date=DAY)
    return activity
