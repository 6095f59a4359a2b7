# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the commands share: the connection, the progress, the errors."""
import logging
import random
import sqlite3
import sys
import time
from contextlib import contextmanager

from tqdm import tqdm

from .language import _

logger = logging.getLogger(__name__)

DONE, REFUSED, WRONG, LEFT, UNREACHABLE = range(5)
PATIENCE = 60  # seconds to wait for another program
# A row that another one changed, a deadlock, a lock that is held
_MET_ANOTHER = {'40001', '40P01', '55P03'}


class Outcome:
    code = DONE


class CommandLineError(Exception):
    "An error to print as it is"

    def __init__(self, message, code=REFUSED):
        super().__init__(message)
        self.code = code


def configure(options):
    "Read the files of configuration"
    import trytond.config as config
    config.update_etc(options.configfile)


def connect(options):
    "Return the configuration of Proteus for the database"
    from proteus import config as pconfig

    from . import reach
    configure(options)
    # Else a mistyped name ends in a traceback
    if options.database != ':memory:' and not reach.ready(
            options.database):
        raise CommandLineError(
            _('"{name}" is no database of co-operatives: '
                "make it with init.").format(name=options.database),
            UNREACHABLE)
    current = pconfig.set_trytond(
        _database(options), options.user, config_file=options.configfile)
    # What is written stays in the language of the user, whatever the locale
    if options.language:
        current.set_context(language=options.language)
    return current


def _database(options):
    # In memory there is only the database of this process
    return None if options.database == ':memory:' else options.database


def call(current, model, method, *args):
    """Call a method of a model as a client does

    What meets another program that writes begins again, as on a server."""
    from trytond.backend import DatabaseOperationalError
    proxy = current.get_proxy(model)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return getattr(proxy, method)(*args, current.context)
        except DatabaseOperationalError as error:
            if not _met_another(error) or time.monotonic() > end:
                raise
            logger.debug("begin again", exc_info=True)
        # Two that wait as long would meet again
        time.sleep(random.uniform(0.05, 0.5))


def _met_another(error):
    "Tell if another program was writing"
    return (
        getattr(error, 'sqlstate', None) in _MET_ANOTHER
        or 'locked' in str(error))


def progress(options, iterable=None, **kwargs):
    "Return a progress bar on the standard error"
    kwargs.setdefault('disable', options.quiet)
    return tqdm(
        iterable, file=sys.stderr, dynamic_ncols=True, leave=True, **kwargs)


def tell(text, file=None):
    "Print a text without breaking a progress bar"
    tqdm.write(text, file=file or sys.stderr)


@contextmanager
def plain_errors(options):
    "Print the errors as sentences and set the exit code"
    from trytond.backend import DatabaseOperationalError
    from trytond.exceptions import LoginException, TrytonException

    from . import reach
    outcome = Outcome()
    try:
        yield outcome
    except CommandLineError as error:
        logger.debug("error", exc_info=True)
        tell(str(error))
        outcome.code = error.code
    except DatabaseOperationalError as error:
        logger.debug("error", exc_info=True)
        outcome.code = UNREACHABLE
        if _met_another(error):
            tell(_(
                    "The database is locked: another program is writing to "
                    "it. What was not finished is not written; run the "
                    "command again when the other one has ended."))
        else:
            tell(_("The database cannot be used: {error}").format(
                    error=error))
    except (TrytonException, LoginException) as error:
        logger.debug("error", exc_info=True)
        outcome.code = REFUSED
        tell(_text(error))
    except sqlite3.DatabaseError as error:
        if not reach.is_damage(error):
            raise
        logger.debug("error", exc_info=True)
        outcome.code = UNREACHABLE
        tell(reach.damaged(reach.file(options.database)))
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        outcome.code = 130
        tell(_("Stopped: what was not finished is not written."))


def _text(error):
    message = getattr(error, 'message', None) or str(error)
    description = getattr(error, 'description', None)
    return '\n'.join(filter(None, [message, description]))
