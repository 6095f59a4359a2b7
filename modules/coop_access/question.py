# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a user may ask of records: no more than what they may read.

Tryton keeps the records that a user may not read out of what a search finds
and not out of what it finds them by: a domain that goes to other records looks
at all of them.  Here each model and each field on the way must be readable by
the user who asks, and the records on the way are those of their rules.
Secrets are in no question of anybody.

A question is made anew as a domain that asks this, so that it stays one query,
and stays as it is when nothing has to be added.
"""
from sql import Null

from trytond.i18n import gettext
from trytond.ir.resource import ResourceAccessMixin
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.model.modelstorage import is_leaf
from trytond.pool import Pool
from trytond.transaction import without_check_access

from .secret import is_secret

TO_ONE = {'many2one', 'one2one'}
TO_MANY = {'one2many', 'many2many'}
ALL = ('id', '!=', None)
NONE = ('id', '=', None)


# Models and fields

def is_readable(Model) -> bool:
    "Return whether the user may read the model as a client does"
    ModelAccess = Pool().get('ir.model.access')
    name = Model.__name__
    return (
        'read' in Model.__rpc__
        and ModelAccess.get_access([name])[name]['read'])


def is_readable_field(Model, name: str) -> bool:
    FieldAccess = Pool().get('ir.model.field.access')
    return (
        not is_secret(Model.__name__, name)
        and FieldAccess.check(
            Model.__name__, [name], 'read', raise_exception=False))


def check_model(Model):
    if not is_readable(Model):
        raise AccessError(gettext(
                'ir.msg_access_rule_error', **Model.__names__()))


def check_field(Model, name: str):
    if name in Model._fields and not is_readable_field(Model, name):
        raise AccessError(gettext(
                'ir.msg_access_rule_field_error', **Model.__names__(name)))


def check_path(Model, path: str, separator='.'):
    "Check each model and each field of a path that begins at the model"
    first, *rest = path.split(separator, 1)
    # As exports call the parts of a field
    first = first.split(':', 1)[0]
    if separator != '.':
        first = first.split('.', 1)[0]
    check_field(Model, first)
    if rest and (Target := _target(Model._fields.get(first))):
        check_model(Target)
        check_path(Target, rest[0], separator)


def order_paths(order):
    """Yield the paths that records are put in order by

    What is no order is left for Tryton to refuse."""
    if not isinstance(order, (list, tuple)):
        return
    for item in order:
        if (isinstance(item, (list, tuple)) and len(item) == 2
                and isinstance(item[0], str)):
            yield item[0]


def check_order(Model, order):
    "Check the paths that records are put in order by"
    for path in order_paths(order):
        for Hop, name in _hops(Model, path):
            if Hop is not Model:
                check_model(Hop)
            check_field(Hop, name)


def _hops(Model, path):
    """Yield the models and the fields that an order looks at

    Whoever orders by a record orders by what it is called."""
    first, _, rest = path.partition('.')
    yield Model, first
    field = Model._fields.get(first)
    if field is None or field._type not in TO_ONE:
        return
    Target = field.get_target()
    if not rest:
        rest = 'id'
        for name in [Target._order_name, Target._rec_name]:
            if (name in Target._fields
                    and Target._fields[name].sortable(Target)):
                rest = name
                break
    if rest == 'id':
        return
    yield from _hops(Target, rest)


def hidden_in_order(Model, order):
    """Yield a domain for each relation of an order: the records that lead to
    one that the user may not read"""
    for path in order_paths(order):
        yield from _hidden(Model, path)


def _hidden(Model, path):
    first, _, rest = path.partition('.')
    field = Model._fields.get(first)
    if (field is None or field._type not in TO_ONE
            or isinstance(field, fields.Function)):
        return
    Target = field.get_target()
    if rule := _rule(Target):
        yield [(first, '!=', None), (first, 'not where', [rule])]
    for domain in _hidden(Target, rest) if rest else []:
        yield [(first, 'where', domain)]


def _target(field):
    if field is not None and hasattr(field, 'get_target'):
        return field.get_target()


def _rule(Model):
    return Pool().get('ir.rule').domain_get(Model.__name__, mode='read')


# Domains

def guarded(Model, domain):
    """Return the domain that asks no more than the user may read

    Raise AccessError when it is about a model or a field that they may not.
    What is no domain is returned as it is, for Tryton to refuse."""
    if is_leaf(domain):
        return _clause(Model, domain)
    if isinstance(domain, (list, tuple)):
        result = [guarded(Model, d) for d in domain]
        if all(a is b for a, b in zip(result, domain)):
            return domain
        return result
    return domain


def _clause(Model, clause):
    name, operator, value = clause[:3]
    if not isinstance(name, str):
        return clause
    first, _, rest = name.partition('.')
    field = Model._fields.get(first)
    if field is None:
        return clause
    check_field(Model, first)
    if name == 'rec_name':
        return _name_clause(Model, clause)
    if field._type in TO_ONE | TO_MANY:
        return _relation_clause(Model, field, clause)
    if field._type == 'reference' and rest and len(clause) > 3:
        return _reference_clause(field, clause)
    return clause


def _relation_clause(Model, field, clause):
    name, operator, value, *more = clause
    first, _, rest = name.partition('.')
    to_many = field._type in TO_MANY
    if operator.endswith('where'):
        inner = value
    elif rest:
        inner = [(rest, operator, value, *more)]
    elif operator.endswith(('child_of', 'parent_of')):
        return _tree_clause(Model, field, clause)
    elif value is None and to_many:
        return _empty_clause(Model, field, clause)
    elif isinstance(value, str):
        inner = [('rec_name', operator, value)]
    elif to_many:
        inner = [('id', operator, value)]
    else:
        # What the record itself tells
        return clause
    Target = field.get_target()
    check_model(Target)
    found = guarded(Target, inner)
    if found is inner and not _restriction(field):
        return clause
    return _related(Model, field, operator, value, found)


def _restriction(field):
    "Return whether the user may not read all the records of the relation"
    Target = field.get_target()
    return bool(
        _rule(Target) or issubclass(Target, ResourceAccessMixin)
        or (_relation_of(field) and _rule(_relation_of(field))))


def _relation_of(field):
    if isinstance(field, fields.Function):
        field = field._field
    if isinstance(field, fields.Many2Many):
        return field.get_relation()


def _related(Model, field, operator, value, domain):
    "Return who leads to a readable record of the domain, as the operator says"
    name = field.name
    there, not_there = _exists(Model, field, domain)
    if operator == 'where':
        return there
    if operator == 'not where':
        return not_there
    if not (operator.startswith('not') or operator == '!='):
        return there
    # Tryton counts who leads to none among those of whom it is not so
    if field._type in TO_MANY:
        return ['OR', there, _exists(Model, field, [])[1]]
    return ['OR', there, (name, '=', None)] if _takes_empty(
        operator, value) else there


def _takes_empty(operator, value):
    """Return whether Tryton finds who leads to no record, too

    It does by what is not so, but by what is not empty."""
    if operator == 'not in':
        return None not in value
    return operator.startswith('not') or (
        operator == '!=' and value is not None)


def _exists(Model, field, domain):
    """Return the clauses of who leads to a readable record of the domain, and
    of who does not"""
    name = field.name
    Target = field.get_target()
    Relation = _relation_of(field)
    if isinstance(field, fields.Function) or hasattr(Model, f'domain_{name}'):
        # What it takes besides identifiers is its own
        ids = _ids(Target, domain)
        return (name, 'in', ids), [
            'OR', (name, 'not in', ids), (name, '=', None)]
    if issubclass(Target, ResourceAccessMixin):
        domain = [('id', 'in', _ids(Target, domain))]
    elif rule := _rule(Target):
        domain = [domain, rule]
    else:
        domain = [domain]
    if Relation and (rule := _rule(Relation)):
        origins = _origins(Model, field, domain, rule)
        return ('id', 'in', origins), ('id', 'not in', origins)
    return (name, 'where', domain), (name, 'not where', [*domain])


def _origins(Model, field, domain, rule):
    """Return the ids of who leads to a record of the domain by a record of the
    relation that the user may read, as a query"""
    Relation = field.get_relation()
    with without_check_access():
        found = Relation.search(
            [(field.target, 'where', [domain, field.filter or []]), rule],
            order=[], query=True)
    table = Relation.__table__()
    column = getattr(table, field.origin)
    where = table.id.in_(found) & (column != Null)
    origin = Relation._fields[field.origin]
    if origin._type == 'reference':
        where &= column.like(f'{Model.__name__},%')
        column = origin.sql_id(column, Relation)
    return table.select(column, where=where)


def _ids(Target, domain):
    "Return the ids of the records of the domain that the user may read"
    return [r.id for r in Target.search(domain, order=[])]


def _empty_clause(Model, field, clause):
    "Whether there is any is whether there is any that the user may read"
    name, operator, _ = clause[:3]
    Target = field.get_target()
    check_model(Target)
    if not _restriction(field) or operator not in {'=', '!='}:
        return clause
    there, not_there = _exists(Model, field, [])
    return there if operator == '!=' else not_there


def _tree_clause(Model, field, clause):
    "The roots of a tree are those that the user may read"
    name, operator, value, *more = clause
    Target = field.get_target()
    check_model(Target)
    for path in more:
        if isinstance(path, str):
            check_path(Target, path)
    if isinstance(value, str):
        roots = [('rec_name', 'ilike', value)]
    elif isinstance(value, (list, tuple)):
        roots = [('id', 'in', list(value))]
    else:
        roots = [('id', '=', value)]
    result = (name, operator, _ids(Target, roots), *more)
    if Target is Model or not _restriction(field):
        return result
    return [result, _exists(Model, field, [])[0]]


def _reference_clause(field, clause):
    name, operator, value, model, *more = clause
    first, _, rest = name.partition('.')
    try:
        Target = Pool().get(model)
    except KeyError:
        return clause
    check_model(Target)
    inner = [(rest, operator, value, *more)]
    found = guarded(Target, inner)
    if (found is inner and not _rule(Target)
            and not issubclass(Target, ResourceAccessMixin)):
        return clause
    there = (f'{first}.id', 'in', _ids(Target, found), model)
    if _takes_empty(operator, value):
        return ['OR', there, (first, '=', None)]
    return there


# Names

def _name_clause(Model, clause):
    """Return how records are found by what they are called

    A model may look for a name in more than what it calls its records by, and
    in what the user may not read: that is left out."""
    field = Model._fields['rec_name']
    if not (isinstance(field, fields.Function) and field.searcher):
        return clause
    with without_check_access():
        domain = getattr(Model, field.searcher)('rec_name', clause)
    found = _named(Model, domain, [])
    return clause if found is domain else found


def _named(Model, domain, rule):
    "Return the domain without what the user may not read"
    if is_leaf(domain):
        return _name_leaf(Model, domain, rule)
    if isinstance(domain, (list, tuple)):
        result = [_named(Model, d, rule) for d in domain]
        if all(a is b for a, b in zip(result, domain)):
            return domain
        return result
    return domain


def _name_leaf(Model, clause, rule):
    name, operator, value = clause[:3]
    first, _, rest = name.partition('.')
    field = Model._fields.get(first)
    out = (
        ALL if operator.startswith('not') or operator == '!=' else NONE)
    if field is None or is_secret(Model.__name__, first):
        return out
    if field._type in TO_ONE and not isinstance(field, fields.Function) and (
            rest == 'rec_name' or (not rest and isinstance(value, str))):
        return _name_relation(Model, field, clause)
    if not rest and first == Model._rec_name:
        # What it is called is told with whatever leads to it
        return clause
    if not (is_readable(Model) and is_readable_field(Model, first)):
        return out
    try:
        found = _clause(Model, clause)
    except AccessError:
        return out
    return [found, rule] if rule else found


def _name_relation(Model, field, clause):
    _, operator, value = clause[:3]
    if operator.endswith(('child_of', 'parent_of', 'where')):
        return clause
    Target = field.get_target()
    named = Target._fields['rec_name']
    if not (isinstance(named, fields.Function) and named.searcher):
        return clause
    with without_check_access():
        domain = getattr(Target, named.searcher)(
            'rec_name', ('rec_name', operator, value))
    found = _named(Target, domain, _rule(Target))
    if found is domain:
        return clause
    there = (field.name, 'where', [found])
    if operator.startswith('not') or operator == '!=':
        return ['OR', there, (field.name, '=', None)]
    return there
