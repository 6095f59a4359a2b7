# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The manager looks at the figures."""
from browser.test_invoice import DAY

LISTS = [
    "Entrées et sorties", "Sorties par motif", "Maintien", "Personnes",
    "Équivalents temps plein", "Associés et leur délai", "Entretiens tenus",
    "Chiffre d'affaires", "Contributions par règle"]


def test_home(client):
    "The figures of the co-operatives lead to each of the others"
    with client('gerant') as c:
        c.no_error()
        group = c.row("Groupe")
        c.picture('chiffres')
        companies = {
            r['cooperative']: r for r in c.read(
                'cae.company.figure', [], 'cooperative', 'turnover',
                'activities')}
        activities = c.read(
            'cae.activity', [], 'turnover', figures_date=DAY)
        turnover = sum(a['turnover'] for a in activities)
        assert companies["Groupe"]['turnover'] == turnover
        told = ''.join(group.inner_text().split())
        assert f'{turnover:.2f}'.replace('.', ',') in told
        c.set('figure_start', '01.07.2024')
        c.reload()
        assert told != ''.join(c.row("Groupe").inner_text().split())
        c.row("Coopilote").locator('.selection-state input').click()
        for name in LISTS:
            c.relate(name)
            c.no_error()
            assert c.tabs[-1].endswith(f"{name} (Coopilote)")
            # For the period that was chosen
            assert c.get('figure_start') == '01.07.2024', name
            c.close_tab()
