# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond import backend
from trytond.transaction import Transaction


def refresh_statistics(*models):
    """Tell the database what the tables of the models hold now

    PostgreSQL does so by itself a minute or so after much has come in; until
    then it plans the queries as if the tables were empty.
    """
    if backend.name != 'postgresql':
        return
    cursor = Transaction().connection.cursor()
    for Model in models:
        cursor.execute(f'ANALYZE "{Model._table}"')
