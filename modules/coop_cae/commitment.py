# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The commitments to subscribe that come with contracts."""
from trytond.pool import Pool


def enter_commitments(contracts):
    """Keep the commitments that come with contracts.

    contracts are CESA with the last day that they had before; a new one has
    None. The clause of a CESA is the written consent of the person. What the
    person revoked since stays revoked.
    """
    pool = Pool()
    Commitment = pool.get('coop.share.commitment')
    known = {
        (c.company, c.party, c.start_date): c for c in Commitment.search([
                ('party', 'in', list({
                            c.entrepreneur.party.id for c in contracts})),
                ], order=[])}
    terms = {}
    to_create, to_write = [], []
    for contract, old_last_day in contracts.items():
        company = contract.entrepreneur.company
        party = contract.entrepreneur.party
        last_day = contract.last_day
        commitment = known.get((company, party, contract.start_date))
        if commitment:
            end = commitment.end_date
            if end != last_day and (
                    end == old_last_day or last_day and end > last_day):
                to_write.extend(([commitment], {'end_date': last_day}))
            continue
        if company not in terms:
            terms[company] = _commitment_values(company)
        if terms[company]:
            to_create.append({
                    **terms[company],
                    'party': party.id,
                    'start_date': contract.start_date,
                    'end_date': last_day,
                    'consent_date': contract.start_date,
                    'consent_reference': contract.rec_name,
                    })
    Commitment.create(to_create)
    if to_write:
        Commitment.write(*to_write)


def _commitment_values(company):
    "Return what the commitments of a company share, None if it asks for none"
    pool = Pool()
    Configuration = pool.get('cae.configuration')
    ShareConfiguration = pool.get('coop.share.configuration')
    rate = Configuration(1).get_setting('share_rate', company)
    if not rate:
        return None
    return {
        'company': company.id,
        'share_class': ShareConfiguration(1).get_required(
            'share_class', company).id,
        'rate': rate,
        'base': 'gross',
        }
