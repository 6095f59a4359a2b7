# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""All that is held on a person, to be given to them (GDPR, art. 15 and 20).

It has what its user may read: who may not see pay gives the rest, and the
document tells what is to be asked from others.
"""
import datetime as dt
import io
import json
import zipfile
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool
from trytond.report import Report
from trytond.tools import slugify
from trytond.transaction import Transaction, check_access, without_check_access

from .rules.personal_data import Words, as_html

# Where something is told of a person, and the way from there to their party
SECTIONS = {
    'party.party': 'id',
    'party.address': 'party',
    'party.contact_mechanism': 'party',
    'party.identifier': 'party',
    'cae.entrepreneur': 'party',
    'cae.nir': 'entrepreneur.party',
    'cae.funder_fact': 'entrepreneur.party',
    'cae.path.step': 'entrepreneur.party',
    'cae.contract': 'entrepreneur.party',
    'cae.contract.amendment': 'contract.entrepreneur.party',
    'cae.exit': 'entrepreneur.party',
    'cae.interview': 'entrepreneur.party',
    'cae.activity.entrepreneur': 'entrepreneur.party',
    'cae.activity.agreement.share': 'entrepreneur.party',
    'cae.contribution.rule': 'entrepreneur.party',
    'cae.contribution.exemption': 'entrepreneur.party',
    'cae.pay.ratio': 'entrepreneur.party',
    'cae.pay.request': 'entrepreneur.party',
    'cae.payslip': 'entrepreneur.party',
    'cae.settlement': 'entrepreneur.party',
    'coop.member': 'party',
    'coop.member.classification': 'member.party',
    'coop.member.representative': 'party',
    'coop.meeting.elector': 'member.party',
    'coop.share.subscription': 'party',
    'coop.share.commitment': 'party',
    'coop.share.withholding': 'party',
    'coop.share.movement': 'member.party',
    'coop.share.transfer': 'member.party',
    'coop.share.exit': 'member.party',
    'coop.share.interest': 'member.party',
    'account.invoice': 'party',
    'account.move.line': 'party',
    'res.user': 'cae_person',
    }
# What is written about a record
RESOURCES = ['ir.attachment', 'ir.note', 'ir.email']
_NOT_TOLD = {
    'id', 'rec_name', 'xml_id', 'create_uid', 'create_date', 'write_uid',
    'write_date', 'password', 'password_hash', 'password_reset',
    'password_reset_expire', 'left', 'right', 'resource', 'copy_to_resources',
    'avatar', 'avatar_url', 'logo', 'message_id', 'file_id', 'menu'}
_TYPES = {
    'char', 'text', 'integer', 'float', 'numeric', 'boolean', 'date',
    'datetime', 'timestamp', 'selection', 'multiselection', 'many2one',
    'reference'}


def collect(party):
    """Return what is held on the party, section by section, and the names of
    the sections that the user may not read"""
    sections, missing, records = {}, [], []
    for name, path in SECTIONS.items():
        found = _search(name, path, party)
        if found is None:
            missing.append(_label(name))
        elif found:
            records.extend(found)
            sections[_label(name)] = _told(found)
    for name in RESOURCES:
        if found := _resources(name, records):
            sections[_label(name)] = _told(found)
    return sections, missing


def attachments(party):
    "Return the names and the contents of the files that are of the party"
    records = [
        r for name, path in SECTIONS.items()
        for r in _search(name, path, party) or []]
    return [
        (a.name, bytes(a.data or b''))
        for a in _resources('ir.attachment', records) if a.type == 'data']


def _label(name):
    return Pool().get('ir.model').get_name(name)


def _search(name, path, party):
    "Return the records of the party, None if the user may not read any"
    pool = Pool()
    Access = pool.get('ir.model.access')
    Entrepreneur = pool.get('cae.entrepreneur')
    Model = pool.get(name)
    with check_access():
        if not Access.check(name, raise_exception=False):
            return None
        if path == 'cae_person':
            users = {
                e.user.id for e in Entrepreneur.search([
                        ('party', '=', party.id), ('user', '!=', None)])}
            domain = [('id', 'in', list(users))]
        else:
            domain = [(path, '=', party.id)]
        return Model.search(domain, order=[('id', 'ASC')])


def _resources(name, records):
    Resource = Pool().get(name)
    if not records:
        return []
    with check_access():
        return Resource.search([
                ('resource', 'in', [str(r) for r in records]),
                ], order=[('id', 'ASC')])


def _told(records):
    "Return the values of the records by label, those that are empty left out"
    Model = records[0].__class__
    with check_access():
        # The fields that the user may read
        definitions = Model.fields_get()
    told = []
    with without_check_access():
        for record in Model.browse(records):
            values = {}
            for name in sorted(
                    definitions, key=list(Model._fields).index):
                if not _is_told(Model, name):
                    continue
                value = _plain(record, name, definitions[name])
                if value is not None and value != '':
                    label = definitions[name]['string']
                    if label in values:
                        label += f' ({name})'
                    values[label] = value
            told.append(values)
    return told


def _is_told(Model, name):
    field = Model._fields[name]
    return (
        name not in _NOT_TOLD
        and not isinstance(field, (fields.Function, fields.MultiValue))
        and field._type in _TYPES)


def _plain(record, name, definition):
    "Return the value as a text, a number or a date in ISO 8601"
    value = getattr(record, name)
    if value is None:
        return None
    if definition['type'] == 'boolean':
        return bool(value)
    if definition['type'] in {'many2one', 'reference'}:
        return getattr(value, 'rec_name', None) or str(value)
    if definition['type'] == 'selection':
        selection = definition.get('selection')
        if isinstance(selection, (list, tuple)):
            return dict(selection).get(value, value)
        return value
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, 'f')
    if isinstance(value, (list, tuple)):
        return ', '.join(map(str, value))
    return value


class PersonalData(Report):
    __name__ = 'cae.personal_data'

    @classmethod
    def _execute(cls, records, header, data, action):
        Party = Pool().get('party.party')
        record, = records
        party = record if str(record).startswith('party.party,') else (
            record.party)
        party = Party(int(party))
        return 'zip', archive(party)


def archive(party):
    "Return the archive that is given to the person"
    sections, missing = collect(party)
    title = gettext('coop_cae.msg_personal_data_title', party=party.rec_name)
    notice = gettext('coop_cae.msg_personal_data_notice')
    if missing:
        notice += ' ' + gettext(
            'coop_cae.msg_personal_data_missing', names=', '.join(missing))
    output = io.BytesIO()
    with zipfile.ZipFile(output, 'w', zipfile.ZIP_DEFLATED) as file:
        file.writestr('donnees.json', json.dumps(
                {'title': title, 'notice': notice, 'sections': sections},
                ensure_ascii=False, indent=2))
        file.writestr(
            'donnees.html', as_html(title, notice, sections, _words()))
        for rank, (name, content) in enumerate(attachments(party), 1):
            file.writestr(f'pieces/{rank:03}-{_file_name(name)}', content)
    return output.getvalue()


def _words():
    return Words(
        language=Transaction().language,
        yes=gettext('coop_cae.msg_personal_data_yes'),
        no=gettext('coop_cae.msg_personal_data_no'))


def _file_name(name):
    stem, _, suffix = name.rpartition('.')
    return '.'.join(filter(None, [slugify(stem), slugify(suffix)])) or 'piece'
