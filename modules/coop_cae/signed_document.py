# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What two sign: a draft, then to sign with nothing missing, then signed."""
from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.fixed_field import is_other
from trytond.pool import Pool
from trytond.pyson import Bool, Eval

from .exceptions import SignatureError

SIGNATURES = [
    ('draft', "Draft"),
    ('to_sign', "To Sign"),
    ('signed', "Signed"),
    ]
DRAFT = {
    'readonly': (
        (Eval('signature') != 'draft') & ~Eval('taken_over', False)),
    }


class SignedModifyError(AccessError):
    pass


class SignedDocumentMixin(Workflow):
    """What is signed is not changed: another document amends it.

    What was signed before it was entered here is taken over as it is: its
    contents are on paper.
    """
    __slots__ = ()
    _transition_state = 'signature'
    # What the facts that come after the signature change
    _after_signature = frozenset()
    # What tells whose the document is
    _whose = frozenset()

    signature = fields.Selection(
        SIGNATURES, "Signature", required=True, readonly=True, sort=False)
    signed_on = fields.Date(
        "Signed On",
        states={
            'readonly': (
                (Eval('signature') == 'signed') & ~Eval('taken_over', False)),
            },
        help="The day on which both have signed.")

    taken_over = fields.Boolean(
        "Taken Over",
        states={
            'readonly': Eval('signature') != 'draft',
            },
        help="Signed before it was entered here: its contents are on paper.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._transitions |= {
            ('draft', 'to_sign'),
            ('to_sign', 'draft'),
            ('to_sign', 'signed'),
            }
        cls._buttons.update({
                'draft': {
                    'invisible': Eval('signature') != 'to_sign',
                    'depends': ['signature'],
                    },
                'to_sign': {
                    'invisible': Eval('signature') != 'draft',
                    'depends': ['signature'],
                    },
                'sign': {
                    'invisible': Eval('signature') != 'to_sign',
                    'readonly': ~Bool(Eval('signed_on')),
                    'depends': ['signature', 'signed_on'],
                    },
                })

    @classmethod
    def default_signature(cls):
        return 'draft'

    def missing(self):
        "Return what the document lacks to be signed, as texts"
        return []

    @classmethod
    def check_complete(cls, documents):
        "Refuse what lacks something, all at once"
        lacks = [
            gettext(
                'coop_cae.msg_signature_lacks', document=document.rec_name,
                missing='\n'.join(f'- {text}' for text in missing))
            for document in documents
            if not document.taken_over and (missing := document.missing())]
        if lacks:
            raise SignatureError('\n\n'.join(lacks))

    @classmethod
    def check_unusual(cls, documents):
        "Ask before what is allowed but unusual is signed"

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, documents):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('to_sign')
    def to_sign(cls, documents):
        cls.check_complete(documents)

    @classmethod
    @ModelView.button
    @Workflow.transition('signed')
    def sign(cls, documents):
        pool = Pool()
        lang = pool.get('ir.lang').get()
        today = pool.get('ir.date').today()
        for document in documents:
            if not document.signed_on or document.signed_on > today:
                raise SignatureError(gettext(
                        'coop_cae.msg_signature_date',
                        document=document.rec_name,
                        today=lang.strftime(today)))
        cls.check_complete(documents)
        cls.check_unusual([d for d in documents if not d.taken_over])
        cls._signed(documents)

    @classmethod
    def _signed(cls, documents):
        "Do what follows from the signatures"

    @classmethod
    def copy(cls, documents, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('signed_on')
        return super().copy(documents, default=default)

    @classmethod
    def check_modification(
            cls, mode, documents, values=None, external=False):
        super().check_modification(
            mode, documents, values=values, external=external)
        for document in documents:
            if document.taken_over and not (
                    mode == 'write' and document.signature != 'draft' and (
                        'taken_over' in values
                        or any(
                            is_other(document, name, values[name])
                            for name in values.keys() & (
                                cls._whose
                                | ({'signature'} if external else set()))))):
                continue
            if mode == 'write':
                open_ = cls._after_signature
                if document.signature == 'to_sign':
                    open_ |= {'signed_on'}
                allowed = (
                    document.signature == 'draft'
                    or values.keys() <= open_ | {'signature'})
                if external and 'signature' in values:
                    allowed = False
            elif mode == 'create':
                allowed = document.signature == 'draft' or not external
            else:
                allowed = document.signature != 'signed'
            if not allowed:
                raise SignedModifyError(gettext(
                        'coop_cae.msg_signature_modify',
                        document=document.rec_name))
