# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accountant enters a subscription, which ends in a certificate."""
import zipfile

from browser.client import digits


def test_certificate(client):
    with client('comptable') as c:
        c.open("Parts sociales", "Demandes de souscription")
        c.new()
        c.pick('party', "Morthier")
        c.pick('share_class', "Parts")
        c.set('quantity', '5')
        c.press('request')
        c.no_error()
        c.page_of("Admission")
        c.set('admission_date', '31.12.2024')
        c.pick('category', "employee")
        c.set('decision', "Conseil d'administration du 20 décembre 2024")
        c.press('admit')
        c.no_error()
        assert digits(c.get('received')) == digits(c.get('amount')) == '100.00'
        c.press('subscribe')
        c.no_error()
        member, = c.read(
            'coop.member', [('party.name', 'ilike', '%Morthier%')], 'number')
        asked, = c.read('coop.share.subscription', [
                ('party.name', 'ilike', '%Morthier%'),
                ], 'state', 'movement.quantity', 'movement.state')
        assert asked['state'] == 'subscribed'
        assert asked['movement.']['quantity'] == 5
        assert asked['movement.']['state'] == 'posted'

        c.open("Associés")
        c.search("Morthier")
        c.unfold("Morthier")
        c.no_error()
        assert str(member['number']) in c.get('number')
        c.picture('certificat')
        with c.page.expect_download() as download:
            c.menu('print', "Attestation de parts")
        with zipfile.ZipFile(download.value.path()) as document:
            text = document.read('content.xml').decode()
        assert "Morthier" in text and "Coopilote" in text
