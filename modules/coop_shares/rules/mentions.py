# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the documents of a company tell third parties of it."""


def legal_mentions(
        name: str, form: str, seat: str = '', number: str = '',
        register: str = '') -> str:
    """Return the line with the name, the form, the seat and the number of a
    company of variable capital (code de commerce, L231-2 and R123-237).

    number is the SIREN, and register the town of the trade register.

    >>> legal_mentions('La Coop', 'SAS à capital variable', '', '1', 'Vesoul')
    'La Coop – SAS à capital variable – 1 RCS Vesoul'
    """
    if number and register:
        number = f'{number} RCS {register}'
    return ' – '.join(part for part in [name, form, seat, number] if part)
