# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""An adviser follows the activities in the web client."""


def test_list_to_entries(client):
    "From the list of all activities to the entries of one"
    with client('accompagnateur') as c:
        c.open("CAE", "Comptes des activités")
        c.no_error()
        rows = c.rows
        assert rows.count() > 3
        c.picture('adviser_list')
        rows.first.locator('td:visible').nth(2).dblclick()
        c.idle()
        c.no_error()
        for name in [
                "Compte de résultat", "Bilan", "Mois", "Grand livre",
                "Écritures"]:
            before = c.page.locator('#tablist > li').count()
            c.relate(name)
            c.no_error()
            assert c.page.locator('#tablist > li').count() > before
            if name == "Compte de résultat":
                c.picture('adviser_statement')
            c.close_tab()


def test_closed_period(client):
    "What is closed is read as the rest"
    with client('accompagnateur') as c:
        c.open("CAE", "Comptes des activités")
        c.rows.first.locator(
            'td:visible').nth(2).dblclick()
        c.idle()
        c.relate("Compte de résultat")
        c.fill("Au", '31.01.2024')
        c.no_error()
        assert c.rows.count() > 5


def test_no_pay(client):
    "The payslips of people are not among the menus of an adviser"
    with client('accompagnateur') as c:
        c.open("CAE")
        assert "Bulletins de paie" not in c.menus


def test_estimate(client):
    with client('accompagnateur') as c:
        c.open("CAE", "Que puis-je me verser ?")
        c.no_error()
        assert c.dialog.get_by_role(
            'button', name="demande de paie").is_visible()
        c.dialog.get_by_role('button', name="Fermer").last.click()
        c.idle()
