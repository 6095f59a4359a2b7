# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Each user of the demonstration opens it on a menu and a home."""
HOMES = {
    'comptable': ["Mois à clôturer"],
    'accompagnateur': ["À faire"],
    'gerant': ["Coopératives"],
    'admin': ["Mois à clôturer", "À faire", "Coopératives"],
    }


def test_homes(client, site):
    "No wizard asks for a configuration before"
    for user in site.users:
        with client(user) as c:
            c.no_error()
            assert not c.page.locator('.modal.in').count(), user
            assert c.menus, user
            if user in HOMES:
                assert c.tabs == HOMES[user]
            else:
                assert len(c.tabs) == 1
            assert c.tab.is_visible()


def test_other_home(client):
    "A user chooses another home in their preferences"
    with client('gerant') as c:
        mine = c.ask('res.user', 'get_preferences', False)['actions']
        action, = c.read(
            'ir.action.act_window', [('res_model', '=', 'cae.flow')],
            'action')
        c.ask('res.user', 'set_preferences', {
                'actions': [['add', [action['action']]], ['remove', mine]]})
    with client('gerant') as c:
        assert c.tabs == ["Entrées et sorties"]
        c.ask('res.user', 'set_preferences', {
                'actions': [['remove', [action['action']]]]})
    with client('gerant') as c:
        assert c.tabs == HOMES['gerant']
