# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

LIMIT = 100


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place of a file, as data.

    It is told in the user's language by text(), so that the readers need
    neither a database nor a language.
    The code is the end of a message id of coop_ledger (msg_file_<code>), or
    a whole message id when another module reads the file.
    """
    code: str
    file: str = ''
    line: int | None = None
    column: str | None = None
    value: str | None = None
    args: Mapping = field(default_factory=dict, hash=False)

    @property
    def message_id(self) -> str:
        if '.' in self.code:
            return self.code
        return f'coop_ledger.msg_file_{self.code}'

    def text(self, language=None) -> str:
        "Return the problem as a sentence in the language or in the user's"
        from trytond.i18n import gettext
        languages = [language] if language else []
        variables = {
            name: _show(value, language) for name, value in self.args.items()}
        variables['expected'] = gettext(
            self.message_id, *languages, **variables)
        variables['file'] = self.file
        variables['line'] = self.line
        variables['column'] = self.column
        variables['value'] = _short(self.value)
        place = 'place'
        if self.line is not None:
            place += '_line'
        if self.column:
            place += '_column'
        if self.value:
            place += '_value'
        return gettext(
            f'coop_ledger.msg_file_{place}', *languages, **variables)

    def __str__(self):
        place = ':'.join(
            str(x) for x in [self.file, self.line, self.column]
            if x is not None)
        value = f" {self.value!r}" if self.value else ''
        return f"{place}:{value} {self.code} {dict(self.args)}"


def _short(value, length=60):
    if value and len(value) > length:
        return value[:length] + '…'
    return value


def _show(value, language=None):
    from trytond.pool import Pool
    Lang = Pool().get('ir.lang')
    if isinstance(value, Decimal):
        return Lang.get(language).format_number(
            value, digits=max(2, -value.normalize().as_tuple().exponent))
    elif isinstance(value, date):
        return Lang.get(language).strftime(value)
    elif isinstance(value, (list, tuple, set, frozenset)):
        values = list(value)
        if all(isinstance(v, int) for v in values):
            return ranges(values)
        return ', '.join(str(v) for v in values)
    return value


def ranges(numbers: Iterable[int], limit: int = 12) -> str:
    """Return the numbers as text with runs put together

    >>> ranges([3, 1, 2, 7])
    '1-3, 7'
    """
    runs = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(a) if a == b else f'{a}-{b}' for a, b in runs[:limit]]
    if len(runs) > limit:
        texts.append('…')
    return ', '.join(texts)


def problem_texts(
        problems: Iterable[Problem], limit: int = LIMIT,
        language: str | None = None) -> list[str]:
    "Return the sentences of the problems, and how many are not shown"
    from trytond.i18n import gettext
    problems = list(problems)
    texts = [p.text(language) for p in problems[:limit]]
    if (rest := len(problems) - limit) > 0:
        languages = [language] if language else []
        texts.append(
            gettext('coop_ledger.msg_file_more', *languages, n=rest))
    return texts


def refuse(problems: Iterable[Problem], limit: int = LIMIT) -> None:
    "Raise one FileError that tells all the problems, if there is any"
    from trytond.modules.coop_ledger.exceptions import FileError
    problems = list(problems)
    if problems:
        error = FileError('\n'.join(problem_texts(problems, limit=limit)))
        error.problems = problems
        raise error
