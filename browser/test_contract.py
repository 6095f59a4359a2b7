# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""An adviser renews a CAPE, and lets a person leave."""
from datetime import date

PERSON = "Julie Perrin"


def test_renewal(client):
    "From the list of what is to be done to a contract that is signed"
    with client('accompagnateur') as c:
        c.no_error()
        row = c.row(PERSON, "Renouveler le CAPE")
        c.picture('a_faire')
        row.locator('a[title^="CAPE"]').click()
        c.idle()
        c.no_error()
        c.picture('contrat')
        c.act("Rédiger la suite du contrat")
        assert c.get('start_date', c.dialog) == '01.02.2025'
        c.button("Rédiger")
        c.no_error()
        c.press('to_sign')
        c.no_error()
        c.set('signed_on', '31.12.2024')
        c.press('sign')
        c.no_error()
        c.picture('renouvellement')
        renewal, = c.read('cae.contract', [
                ('entrepreneur.code', '=', 'E0901'),
                ('renewal', '=', 1),
                ], 'signature', 'start_date', 'end_date', 'type')
        assert renewal['signature'] == 'signed'
        assert renewal['start_date'] == date(2025, 2, 1)
        assert renewal['end_date'] == date(2026, 1, 31)
        # It is no more to be done
        assert not c.read('cae.todo', [
                ('entrepreneur.code', '=', 'E0901'),
                ('kind', '=', 'cape_end'),
                ], 'kind')


def test_exit(client):
    "The guided exit ends the contract and tells what is left to do"
    with client('accompagnateur') as c:
        c.open("CAE", "Entrepreneurs")
        c.search("E0902")
        c.choose("E0902")
        c.act("Sortie de la coopérative")
        c.set('date', '31.12.2024', c.dialog)
        c.select('reason', "Emploi salarié", c.dialog)
        c.button("Faire sortir")
        c.no_error()
        c.row("Contrat")
        c.picture('sortie')
        contract, = c.read(
            'cae.contract', [('entrepreneur.code', '=', 'E0902')],
            'exit_date', 'exit_reason.name')
        assert contract['exit_date'] == date(2024, 12, 31)
        activity, = c.read(
            'cae.activity', [('code', '=', 'A0902')], 'end_date')
        assert activity['end_date'] == date(2024, 12, 31)
        found, = c.read(
            'cae.exit', [('entrepreneur.code', '=', 'E0902')],
            'state')
        assert found['state'] == 'open'
