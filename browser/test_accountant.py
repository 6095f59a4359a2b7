# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accountant works in the web client."""


def test_transfer_in_closed_period(client):
    "An entry goes to another activity, and not in a period that is closed"
    with client('comptable') as c:
        c.open("Financier", "Entrées", "Mouvements comptables")
        c.no_error()
        c.search('"Date effective": 31.01.2024')
        c.no_error()
        c.choose("Ventes")
        c.act("Transférer à une autre activité")
        assert c.field("Date", c.dialog) == ''
        c.fill("Date", '31.01.2024', c.dialog)
        c.button("Transférer")
        assert "2024-01" in c.told, c.told
        c.dismiss()
        c.fill("Date", '01.02.2024', c.dialog)
        c.button("Transférer")
        c.no_error()
        assert c.rows.count() == 1
        assert "01.02.2024" in c.rows.first.inner_text()
