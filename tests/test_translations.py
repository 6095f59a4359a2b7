# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The modules speak French, all of it, in the words of accountants."""
import ast
import re
import unittest

from tools import translations
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

COMMANDS = translations.COMMANDS / 'locale' / 'fr.po'

# What a French accountant would not write, and what he would
WORDS = {
    r"notes? de crédit|crédits? notes?|factures? d'avoir": "avoir",
    r"(parts?|actions?) de capital|actionnaires?": "part sociale, associé",
    r"adhérents?|membres?": "associé",
    r"rétentions?": "retenue",
    r"économies": "épargne",
    r"entrées? (de journal|comptables?)|mouvements? comptables?": "écriture",
    r"post(er|ée?s?)": "comptabiliser",
    r"année fiscale|années fiscales": "exercice comptable",
    r"feuilles? de (paie|paye)|fiches? de (paie|paye)": "bulletin de paie",
    r"taux plats?": "taux unique",
    r"marges? grosses?|profit brut": "marge brute",
    r"balance d'essai": "balance générale",
    r"assemblées? de réunion|réunions? générales?": "assemblée générale",
    r"compagnies?": "société",
    r"chiffres? d'affaire(?!s)": "chiffre d'affaires",
    r"employ(eur|é)s? (contributions?)": "cotisations",
    r"contributions? (patronales?|salariales?|sociales?)": "cotisations",
    r"supporté(e?s?) par le système|librairies?|digits?": "a French word",
    r"extourn\w*|contrepass\w*": "contre-passer, contre-passation",
    r"balances?": "solde",
    r"créditer (une|la|les) factures?": "avoir",
    r"réconcili\w+": "lettrer, lettrage",
    r"redemptions?|rachats? de parts?": "remboursement",
    r"réunions? (ordinaires?|extraordinaires?)": "assemblée générale",
    r"votants?": "électeur",
    r"employeurs? contributions?|charges? patronales?":
        "cotisations patronales",
    r"charges? salariales?": "cotisations salariales",
    r"surplus": "excédent, affectation du résultat",
    r"dividendes?": "intérêt aux parts sociales",
    r"(salaires?|paies?|rémunérations?) grosses?": "salaire brut",
    r"coach(s|es)?|mentors?": "accompagnateur",
    r"e-?mails?|mails?": "adresse électronique, courriel",
    r"login|logins?": "identifiant",
    r"valider (la|le|les) (écritures?|sorties?|mouvements?)":
        "comptabiliser",
    r"laisser vide": "laissez vide",
    r"êtes-vous sûre?s?": "voulez-vous vraiment",
    r"bénéfices? nets?|revenus? nets?": "résultat",
    r"période de probation": "période d'essai",
    r"conseillers?": "accompagnateur",
    r"bilan (de vérification|d'ouverture)": "à-nouveaux",
    r"date de maturité": "échéance",
    r"nom de commerce": "enseigne",
    }
# The French of the glossary for words that may stand in the text alone
GLOSSARY = {
    r"reverse[sd]?|reversals?": "contre-pass|annul",
    r"payslips?": "bulletin",
    r"withholdings?": "retenue",
    r"credit notes?": "avoir",
    r"fiscal years?": "exercice|année",
    r"gross margin": "marge brute",
    r"employer contributions?": "cotisations patronales",
    r"employee contributions?": "cotisations salariales",
    r"joint-activity agreements?": "conventions? d'activité commune",
    r"nominal values?": "valeurs? nominales?|nominal|nominaux",
    r"share class(es)?": "catégories? de parts",
    r"paid[- ]up|paying[- ]up": "libér",
    r"general meetings?": "assemblée",
    r"convocations?|convened?": "convo[cq]",
    r"prox(y|ies)": "pouvoir|mandataire|représent",
    r"quorum": "quorum",
    r"electors?": "électeur",
    r"legal reserve": "réserve légale",
    r"statutory reserves?": "réserves? statutaires?",
    r"reserve of revaluation": "réserve de revalorisation",
    r"trial": "essai",
    r"amendments?": "avenant",
    r"turnover": r"chiffre d'affaires|\bCA\b",
    r"balance sheet": "bilan",
    r"income statement": "compte de résultat",
    r"general ledger": "grand livre",
    r"trade name": "enseigne",
    r"waivers?": "abandon",
    r"treasury": "trésorerie",
    r"reconciliations?|reconciled": "lettr",
    r"chart of accounts|french chart": "plan comptable|du plan",
    r"subscription commitments?": "engagements? de souscription",
    r"resignation": "démission",
    r"interest on shares": "intérêts? aux parts",
    r"levies|levy": "prélèvement",
    r"advisers?": "accompagnateur",
    r"interviews?": "entretien",
    r"social-security numbers?": "numéros? de sécurité sociale|NIR",
    r"income tax": "prélèvement à la source|impôt",
    r"posted": "comptabilis|en vigueur|passé",
    r"due dates?": "échéance|date limite",
    }
DATES = {
    "From": {"Du", "À partir du", "Depuis", "Depuis le"},
    "To": {"Au", "Jusqu'au"},
    }
# The gender of what has a state or filters
NOUNS = {
    "Abandon": 'm', "Activité": 'f', "Affectation": 'f', "Appel": 'm',
    "Assemblée": 'f', "Associé": 'm', "Associés": 'm', "Avenant": 'm',
    "Bulletin": 'm', "Cession": 'f', "Clôture": 'f', "Contrat": 'm',
    "Convention": 'f', "Demande": 'f', "Données": 'f', "Engagement": 'm',
    "Entrepreneur": 'm', "Lot": 'm', "Mois": 'm', "Mouvement": 'm',
    "Paiement": 'm',
    "Parcours": 'm', "Règle": 'f', "Régularisation": 'f', "Retenue": 'f',
    "Soldes": 'm', "Sortie": 'f', "Taux": 'm', "Valeur": 'f', "Étape": 'f',
    "À": 'm',
    }
PLACEHOLDER = re.compile(r'%(?:\(\w+\))?[-#0 +]*[\d.]*[a-zA-Z]|{\w*}')


def extras():
    "Return the modules that ours may use"
    return {
        name for module in translations.our_modules()
        for name in translations.module_config(module).get(
            'extras_depend', '').split()}


class TranslationTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.modules = translations.our_modules()
        activate_modules(
            sorted(extras() | set(cls.modules)), translations.load_french)

    @with_transaction()
    def test_complete(self):
        "Each text has a translation that somebody confirmed"
        wanted = translations.needed('fr', self.modules)
        for module in self.modules:
            with self.subTest(module=module):
                known = translations.read(
                    translations.po_path(module, 'fr'))
                self.assertEqual(
                    translations.faults(wanted[module], known), [],
                    f"run tools/translations.py {module}")

    def test_command_line(self):
        self.assertEqual(
            translations.faults(
                translations.needed_by_commands(),
                translations.read(COMMANDS)), [],
            "run tools/translations.py coop_cae")

    @with_transaction()
    def test_agreement(self):
        "States agree with what they are the state of, filters with the list"
        pool = Pool()
        wrong = []
        for context, entry in self.french('selection:'):
            model, field = context.split(':')[1].split(',')
            if field not in {'state', 'signature'}:
                continue
            noun = self.noun(model)
            feminine = re.match(r'\w+(ée|ue)\b', entry.msgstr)
            masculine = re.match(r'\w+[éu]\b', entry.msgstr)
            if feminine if NOUNS[noun] == 'm' else masculine:
                wrong.append((noun, entry.msgstr))
        Window = pool.get('ir.action.act_window')
        ModelData = pool.get('ir.model.data')
        with Transaction().set_context(language='en'):
            windows = Window.browse([
                    d.db_id for d in ModelData.search([
                            ('model', '=', 'ir.action.act_window'),
                            ('module', 'in', self.modules)])])
        for window in windows:
            if not any(d.name == "All" for d in window.act_window_domains):
                continue
            with Transaction().set_context(language='fr'):
                noun = Window(window.id).name.split()[0]
            if noun not in NOUNS:
                noun = self.noun(window.res_model)
            right = {'m': "Tous", 'f': "Toutes"}[NOUNS[noun]]
            with Transaction().set_context(language='fr'):
                found = [
                    d.name for d in Window(window.id).act_window_domains]
            if right not in found or any(
                    re.match(r'(\w+[^u]é|\w+ée)$', name) for name in found):
                wrong.append((noun, found))
        self.assertEqual(wrong, [])

    def french(self, start):
        for module in self.modules:
            for (context, _), entry in translations.read(
                    translations.po_path(module, 'fr')).items():
                if context.startswith(start):
                    yield context, entry

    def noun(self, model):
        "Return the first word of the French name of the model"
        if not hasattr(self, 'names'):
            self.names = {
                context.split(':')[1].split(',')[0]: entry.msgstr
                for context, entry in self.french('model:')
                if context.endswith(',string:')}
        return self.names[model].split()[0]


class FrenchTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        paths = [
            translations.po_path(module, 'fr')
            for module in translations.our_modules()]
        cls.contexts = [
            (context or '', text, msgstr)
            for path in [*paths, COMMANDS]
            for (context, text), entry in translations.read(path).items()
            for msgstr in entry.msgstr_plural.values() or [entry.msgstr]]
        cls.entries = [
            (text, msgstr) for _, text, msgstr in cls.contexts]

    def test_words(self):
        wrong = [
            (translation, f"write: {right}")
            for _, translation in self.entries
            for pattern, right in WORDS.items()
            if re.search(
                rf'\b({pattern})\b', PLACEHOLDER.sub('', translation),
                re.IGNORECASE)]
        self.assertEqual(wrong, [])

    def test_glossary(self):
        "The words of the law and of accounts are always the same in French"
        wrong = [
            (text, translation, f"write: {right}")
            for text, translation in self.entries
            for pattern, right in GLOSSARY.items()
            if re.search(
                rf'\b({pattern})\b', PLACEHOLDER.sub('', text),
                re.IGNORECASE)
            and not re.search(right, translation, re.IGNORECASE)]
        self.assertEqual(wrong, [])

    def test_dates(self):
        "A date that something begins or ends with is neither giver nor taker"
        wrong = [
            (context, text, translation)
            for context, text, translation in self.contexts
            if context.startswith('field:') and text in DATES
            and re.search(r'(date|_start|_end):$', context)
            and translation not in DATES[text]]
        self.assertEqual(wrong, [])

    def test_command_line_is_marked(self):
        "What the commands say goes through the catalogue"
        bare = []
        for path in translations.COMMAND_SOURCES:
            for call in ast.walk(ast.parse(path.read_text('utf-8'))):
                if not isinstance(call, ast.Call):
                    continue
                name = getattr(call.func, 'attr', None) or getattr(
                    call.func, 'id', None)
                said = [
                    k.value for k in call.keywords
                    if k.arg in {'help', 'description', 'epilog', 'desc'}]
                if name in {
                        'tell', 'error', 'print', 'CommandLineError',
                        'ArgumentTypeError'}:
                    said += call.args
                bare += [
                    (path.name, part.value)
                    for value in said
                    for part in getattr(value, 'values', [value])
                    if isinstance(part, ast.Constant)
                    and re.search('[A-Za-z]{2}', str(part.value))]
        self.assertEqual(bare, [])

    def test_placeholders(self):
        "A translation has the same values as the text"
        wrong = [
            (text, translation) for text, translation in self.entries
            if sorted(PLACEHOLDER.findall(text.replace('%%', '')))
            != sorted(PLACEHOLDER.findall(translation.replace('%%', '')))]
        self.assertEqual(wrong, [])

    def test_typography(self):
        wrong = [
            translation for text, translation in self.entries
            if '"' in translation or '...' in translation
            or '’' in translation
            or re.search(r'[^\s:][:;?!»](\s|$)|«[^\s]', translation)
            or ((translation[-1:] in {'.', '?'}) != (text[-1:] in {'.', '?'}))]
        self.assertEqual(wrong, [], "write « » and …, end as the text does")
