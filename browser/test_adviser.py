# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""An adviser follows the activities in the web client."""


def test_list_to_entries(client):
    "From the list of all activities to the entries of one"
    with client('accompagnateur') as c:
        c.open("CAE", "Comptes des activités")
        c.no_error()
        rows = c.tab.locator('.treeview tbody tr')
        assert rows.count() > 3
        c.picture('adviser_list')
        rows.first.locator('td:visible').nth(2).dblclick()
        c.idle()
        c.no_error()
        c.picture('adviser_activity')
        for name in [
                "Compte de résultat", "Bilan", "Mois", "Grand livre",
                "Écritures"]:
            before = c.page.locator('#tablist > li').count()
            c.tab.locator('button#relate').click()
            c.page.locator('.dropdown-menu:visible').get_by_text(
                name, exact=True).first.click()
            c.idle()
            c.no_error()
            assert c.page.locator('#tablist > li').count() > before
            if name == "Compte de résultat":
                c.picture('adviser_statement')
            c.page.locator('#tablist a').first.click()
            c.idle()


def test_no_pay(client):
    "The payslips of people are not among the menus of an adviser"
    with client('accompagnateur') as c:
        c.open("CAE")
        assert "Bulletins de paie" not in c.menus


def test_estimate(client):
    with client('accompagnateur') as c:
        c.open("CAE", "Que puis-je me verser ?")
        c.no_error()
        c.picture('adviser_estimate')
        assert c.dialog.get_by_role(
            'button', name="demande de paie").is_visible()
        c.dialog.get_by_role('button', name="Fermer").last.click()
        c.idle()
