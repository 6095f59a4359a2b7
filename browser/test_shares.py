# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accountant keeps the shares in the web client."""


def test_screens(client):
    "Each screen of the shares opens, with a new record of what is entered"
    with client('comptable') as c:
        c.open("Parts sociales")
        for name in [
                "Associés", "Demandes de souscription", "Campagnes",
                "Appels", "Cessions", "Sorties et remboursements",
                "Assemblées générales", "Affectation du résultat",
                "Paiements des intérêts"]:
            c.open(name)
            c.no_error()
            c.page.keyboard.press('Alt+n')
            c.idle()
            c.no_error()
        c.open("Registre des mouvements")
        c.no_error()
        assert c.rows.count() > 1


def test_todo(client):
    "The adviser sees what is to be done, with its article"
    with client('accompagnateur') as c:
        c.open("CAE", "À faire")
        c.no_error()
        c.tab.get_by_text("Tous", exact=True).click()
        c.idle()
        c.no_error()
        assert c.rows.count() > 1
        assert "L127-2" in c.tab.inner_text()
