# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The errors that users see."
from trytond.exceptions import UserError
from trytond.modules.account.exceptions import PostError


class FileError(UserError):
    "A file is refused; problems holds all that is wrong with it"
    problems = ()


class EntryError(PostError):
    "Entries are refused"


class TransactionUnsafeError(UserError):
    "The database would keep what is rolled back"
