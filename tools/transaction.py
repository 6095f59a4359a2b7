# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Work in a transaction that is kept, as a server does."""
import random
import time


def transact(database, function, *args, retry=0, **context):
    """Call the function as the administrator and return what it returns

    Tryton tells by an error what is to be locked from the start, and begins
    again.  What meets another transaction begins again as often as retry
    says."""
    # What calls this tells first where the configuration is
    from trytond import backend
    from trytond.transaction import Transaction, TransactionError
    extras = {}
    while True:
        try:
            with Transaction().start(
                    database, 1, context=context, **extras) as transaction:
                try:
                    result = function(*args)
                    transaction.commit()
                    return result
                except TransactionError as error:
                    transaction.rollback()
                    error.fix(extras)
        except backend.DatabaseOperationalError:
            if not retry:
                raise
            retry -= 1
            time.sleep(random.random() * 0.05)
