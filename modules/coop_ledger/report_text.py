# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Documents that open, whatever was typed into the names that they show.

The templates escape what means something in XML; what XML cannot have at all,
as control characters, they let through, and no program opens the document.
"""
import io
import re
import zipfile

_ILLEGAL = re.compile(
    '[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]')
_ZIP = b'PK\x03\x04'


def legal(text: str) -> str:
    """Return the text without what XML cannot have

    >>> legal('A\\x00telier\\x1f')
    'Atelier'
    """
    return _ILLEGAL.sub('', text)


def legal_document(data: bytes) -> bytes:
    "Return an OpenDocument, a zip or flat, without what XML cannot have"
    if not data.startswith(_ZIP):
        return _legal_bytes(data)
    with zipfile.ZipFile(io.BytesIO(data)) as document:
        files = [(info, document.read(info)) for info in document.infolist()]
    cleaned = [
        _legal_bytes(content) if info.filename.endswith('.xml') else content
        for info, content in files]
    if all(new is old for new, (_, old) in zip(cleaned, files)):
        return data
    output = io.BytesIO()
    with zipfile.ZipFile(output, 'w') as document:
        for (info, _), content in zip(files, cleaned):
            document.writestr(info, content)
    return output.getvalue()


def _legal_bytes(data):
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        return data
    cleaned = legal(text)
    return cleaned.encode('utf-8') if cleaned != text else data


class LegalReport:
    __slots__ = ()

    @classmethod
    def render(cls, report, report_context):
        data = super().render(report, report_context)
        if report.template_extension in {'odt', 'ods', 'odp', 'odg'}:
            if isinstance(data, str):
                return legal(data)
            data = legal_document(bytes(data))
        return data
