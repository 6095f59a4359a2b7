# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""An entrepreneur looks at their activity in the web client."""
import json

MENUS = [
    "Mon activité", "Que puis-je me verser ?", "Mes bulletins de paie",
    "Mes demandes de paie", "Mes régularisations annuelles",
    "Factures à encaisser et à payer", "Mes parts sociales",
    "Retenues pour mes parts", "Mes contrats"]


def entrepreneur(site):
    return next(user for user in site.users if '@' in user)


def test_home(client, site):
    "It opens by itself, on figures, a graph and what is to collect"
    with client(entrepreneur(site)) as c:
        c.no_error()
        for label in ["Chiffre d'affaires", "Trésorerie de référence"]:
            assert c.tab.get_by_text(label, exact=False).first.is_visible()
        assert c.tab.locator('svg').first.is_visible()
        c.picture('entrepreneur_home')
        c.tab.get_by_role('tab', name="À encaisser").click()
        c.idle()
        c.no_error()
        assert c.menus == ["Mon activité"]


def test_each_menu_opens(client, site):
    with client(entrepreneur(site)) as c:
        c.open("Mon activité")
        assert c.menus == ["Mon activité", *MENUS]
        for menu in MENUS:
            c.open(menu)
            c.no_error()
            if menu == "Que puis-je me verser ?":
                c.picture('entrepreneur_estimate')
                assert not c.dialog.get_by_role(
                    'button', name="demande de paie").count()
                c.dialog.get_by_role('button', name="Fermer").last.click()
                c.idle()


def test_ended(client, site):
    "The figures of an activity that ended stay, with its entries"
    with client(site.ended) as c:
        c.no_error()
        assert c.field("Date de fin") == '30.06.2024'
        assert c.field("Chiffre d'affaires") not in {'', '0,00'}
        assert c.tab.locator('svg').first.is_visible()
        c.relate("Compte de résultat")
        c.no_error()
        assert c.rows.count() > 5
        c.open("Mon activité", "Que puis-je me verser ?")
        c.no_error()


def test_no_entry(client, site):
    "Who has just come sees zeros, not errors"
    with client(site.started) as c:
        c.no_error()
        assert c.field("Chiffre d'affaires") == '0,00'
        assert c.tab.locator('svg').first.is_visible()
        for name in [
                "Compte de résultat", "Bilan", "Grand livre", "Écritures"]:
            c.relate(name)
            c.no_error()
            c.close_tab()
        c.open("Mon activité")
        for menu in MENUS:
            c.open(menu)
            c.no_error()
            if menu == "Que puis-je me verser ?":
                c.dialog.get_by_role('button', name="Fermer").last.click()
                c.idle()


def test_nothing_of_others(client, site):
    "Wrong ids and models of others are refused calmly"
    with client(entrepreneur(site)) as c:
        for model, ids in [
                ('cae.activity', [1, 2, 3, 4, 5, 6, 7, 8]),
                ('cae.payslip', list(range(1, 60))),
                ('party.party', [1]), ('account.move', [1])]:
            answer = c.page.evaluate("""async ([model, ids]) => {
                const session = Sao.Session.current_session;
                const response = await fetch(
                    `/${session.database}/rpc/`, {
                        method: 'POST',
                        headers: {'Content-Type': 'application/json'},
                        body: JSON.stringify({
                            id: 1, method: `model.${model}.read`,
                            params: [ids, ['rec_name'], {}]})});
                return await response.text();
            }""", [model, ids])
            error = json.loads(answer)['error']
            assert error[0] == 'UserError', answer
            assert 'Traceback' not in answer
