# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The text of a file, whatever its encoding."
import codecs
import re
from typing import NamedTuple

from .problem import Problem

# A year of a large group of co-ops is some 200 megabytes
MAX_SIZE = 512 * 1024 * 1024
MAX_LINE = 1_000_000
# How files begin that people take for a table
_BINARY = [
    b'PK\x03\x04', b'PK\x05\x06', b'%PDF', b'\xd0\xcf\x11\xe0', b'\x1f\x8b',
    b'BZh', b'7z\xbc\xaf', b'\xfd7zXZ', b'Rar!', b'\x28\xb5\x2f\xfd']
_BOMS = [
    (codecs.BOM_UTF8, 'utf-8'),
    (codecs.BOM_UTF16_LE, 'utf-16-le'),
    (codecs.BOM_UTF16_BE, 'utf-16-be'),
    ]
_CONTROL = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')
_C1 = re.compile(b'[\x80-\x9f]')
_MULTIBYTE = re.compile(
    b'[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}')


class Text(NamedTuple):
    text: str | None
    encoding: str | None
    problems: list[Problem]


def decode(data: bytes, filename: str = '') -> Text:
    """Return the text of a file in UTF-8, ISO-8859-15 or Windows-1252

    A file with some well-formed characters in UTF-8 and some broken ones is
    a broken file: it is not read as ISO-8859-15, that would take any byte.
    The same for control characters: neither is found in accounts.
    """
    if problem := _refused(data, filename):
        return Text(None, None, [problem])
    data = data.rstrip(b'\x1a')  # end of file of DOS
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            data = data[len(bom):]
            break
    else:
        encoding = 'utf-8'
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != 'utf-8' or _is_broken_utf8(data):
            return Text(None, None, [_undecodable(data, error, filename)])
        try:
            text, encoding = _decode_latin(data)
        except UnicodeDecodeError as error:
            return Text(None, None, [_undecodable(data, error, filename)])
    problems = (
        _control_problems(text, filename) or _long_problems(text, filename))
    if problems:
        return Text(None, None, problems)
    return Text(text, encoding, [])


def _refused(data, filename):
    "Return the problem of what is not read at all"
    if not isinstance(data, (bytes, bytearray)):
        return Problem('no_file', filename)
    if len(data) > MAX_SIZE:
        return Problem('too_large', filename, args={
                'size_': len(data) // 1024 ** 2 + 1,
                'maximum_': MAX_SIZE // 1024 ** 2})
    if bytes(data[:8]).startswith(tuple(_BINARY)):
        return Problem('binary', filename)
    return None


def _is_broken_utf8(data):
    "Test if there are more well-formed characters of UTF-8 than broken ones"
    broken = data.decode('utf-8', errors='replace').count('\ufffd')
    return len(_MULTIBYTE.findall(data)) >= broken


def _decode_latin(data):
    # ISO-8859-15 has only control characters from 80 to 9f, where Windows
    # has its typographic quotes and dashes: the two never say a thing apart
    # but for A4 to BE, where the official one wins.
    if not _C1.search(data):
        return data.decode('iso-8859-15'), 'iso-8859-15'
    text = ''.join(
        part.decode('cp1252' if _C1.match(part) else 'iso-8859-15')
        for part in re.split(b'([\x80-\x9f]+)', data))
    return text, 'cp1252'


def _undecodable(data, error, filename):
    start = error.start if error.object == data else 0
    return Problem(
        'encoding', filename, line=_line_of(data[:start]),
        value=data[start:start + 4].hex(' '))


def _line_of(before):
    return (before.count(b'\n') or before.count(b'\r')) + 1


def _control_problems(text, filename):
    problems = []
    if _CONTROL.search(text):
        for number, line in enumerate(split_lines(text), 1):
            if match := _CONTROL.search(line):
                problems.append(Problem(
                        'control_character', filename, line=number,
                        value=f'{ord(match.group()):02x}'))
    return problems


def _long_problems(text, filename):
    "A line without end is no row, and takes the memory of thousands"
    if len(text) <= MAX_LINE:
        return []
    return [
        Problem('line_long', filename, line=number, args={
                'found': len(line), 'maximum_': MAX_LINE})
        for number, line in enumerate(split_lines(text), 1)
        if len(line) > MAX_LINE]


def split_lines(text: str) -> list[str]:
    """Return the lines of a text

    Unlike str.splitlines it cuts only where a file has an end of line, not
    at the other characters that Unicode takes for one.
    """
    lines = text.replace('\r\n', '\n').replace('\r', '\n').split('\n')
    if lines and not lines[-1]:
        lines.pop()
    return lines
