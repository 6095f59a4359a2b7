# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The values of cells: dates, months and numbers."
import datetime
import re
import unicodedata
from decimal import Decimal

MAX_DIGITS = 12

_SPACES = ' \u00a0\u2007\u2009\u202f'
_NUMBER = re.compile(
    rf'(?P<sign>[+-]?)[{_SPACES}]?'
    rf'(?P<integer>[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+'
    r'|[0-9]{1,3}(?:\.[0-9]{3})+(?=,)|[0-9]{1,3}(?:,[0-9]{3})+(?=\.)'
    r'|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:,[0-9]{3}){2,}'
    r'|[0-9]*)'
    r'(?:[.,](?P<decimals>[0-9]*))?')
_AMBIGUOUS = re.compile(r'[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}')
_DATE = re.compile(
    r'(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})'
    r'|(?P<d2>[0-9]{1,2})/(?P<m2>[0-9]{1,2})/(?P<y2>[0-9]{4})')
_COMPACT_DATE = re.compile(r'([0-9]{4})([0-9]{2})([0-9]{2})')
_MONTH = re.compile(
    r'(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})|(?P<m2>[0-9]{1,2})/(?P<y2>[0-9]{4})')


class BadValue(ValueError):
    "The code of the problem of a value, and its arguments"

    def __init__(self, code, **args):
        super().__init__(code, args)
        self.code = code
        self.args_ = args


def strip(text: str) -> str:
    "Return the text without blanks around, no-break ones included"
    return text.strip(' \t\r\n\u00a0\u2007\u2009\u202f\ufeff')


def fold(text: str) -> str:
    "Return the text without case, accents and what separates words"
    text = unicodedata.normalize('NFKD', strip(text))
    return re.sub(r'[\W_]|[\u0300-\u036f]', '', text).casefold()


def parse_number(
        text: str, places: int | None = None, code: str = 'number',
        decimal_only: bool = False) -> Decimal:
    """Return the number written in French or in English

    Spaces of any width, dots or commas may separate thousands, when they
    cut groups of three; a comma or a dot starts the decimals.
    Of a dot and a comma, the last one starts the decimals.
    "1.234" may be either: it is refused as ambiguous when places says that
    there are less than three decimals, unless decimal_only says that the
    file knows no separator of thousands.
    Zeros after the places are dropped, other digits are refused: nothing is
    rounded.
    """
    text = strip(text)
    match = _NUMBER.fullmatch(text)
    if not match or not (match['integer'] or match['decimals']):
        raise BadValue(code)
    if (not decimal_only and places is not None and places < 3
            and _AMBIGUOUS.fullmatch(text)):
        raise BadValue('ambiguous')
    integer = re.sub(rf'[{_SPACES}.,]', '', match['integer'])
    decimals = match['decimals'] or ''
    if len(integer.lstrip('0')) > MAX_DIGITS:
        raise BadValue('large', digits=MAX_DIGITS)
    if places is not None:
        if decimals[places:].strip('0'):
            raise BadValue('decimals', places=places)
        decimals = decimals[:places].ljust(places, '0')
    number = f"{match['sign']}{integer or '0'}"
    if decimals:
        number += f'.{decimals}'
    value = Decimal(number)
    return value if value else abs(value)


def parse_integer(text: str) -> int:
    value = parse_number(text, places=0, code='integer')
    if abs(value) >= 2 ** 31:
        raise BadValue('large', digits=9)
    return int(value)


def parse_date(text: str, compact: bool = False) -> datetime.date:
    "Return the date of YYYY-MM-DD or DD/MM/YYYY, and YYYYMMDD if compact"
    text = strip(text)
    code = 'fec_date' if compact else 'date'
    if compact and (match := _COMPACT_DATE.fullmatch(text)):
        year, month, day = match.groups()
    elif match := _DATE.fullmatch(text):
        year, month, day = (
            match['y'] or match['y2'], match['m'] or match['m2'],
            match['d'] or match['d2'])
    else:
        raise BadValue(code)
    return _date(code, int(year), int(month), int(day))


def parse_month(text: str) -> datetime.date:
    "Return the first day of the month of YYYY-MM or MM/YYYY"
    match = _MONTH.fullmatch(strip(text))
    if not match:
        raise BadValue('month')
    return _date(
        'month', int(match['y'] or match['y2']),
        int(match['m'] or match['m2']), 1)


def _date(code, year, month, day):
    # Years such as 0024 or 20240 are slips of the keyboard
    if not 1900 <= year <= 2199:
        raise BadValue(code)
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise BadValue(code)
