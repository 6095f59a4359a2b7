# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""From which lots shares are taken."""
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Lot(NamedTuple):
    """Shares of one subscription that one person holds.

    since is the day they were subscribed, whoever did; key tells the lot.
    """
    since: date
    key: int
    quantity: int


class NotEnoughShares(ValueError):
    pass


def take(lots: Iterable[Lot], quantity: int) -> list[tuple[int, int]]:
    """Return the keys of the lots that a number of shares is taken from, with
    what is taken from each: the oldest first.

    No text tells which shares go when the holder does not: the oldest are
    those that are paid up, and whose five years have run (statutes may give a
    part of the reserves to members of five years: law 47-1775, article 18).

    Raise ValueError if the quantity is not positive, NotEnoughShares if the
    lots have less.

    >>> take([Lot(date(2024, 2, 1), 2, 5), Lot(date(2024, 1, 1), 1, 3)], 4)
    [(1, 3), (2, 1)]
    """
    if quantity <= 0:
        raise ValueError("the quantity must be positive")
    taken = []
    for lot in sorted(lots):
        if quantity and lot.quantity > 0:
            part = min(lot.quantity, quantity)
            taken.append((lot.key, part))
            quantity -= part
    if quantity:
        raise NotEnoughShares(quantity)
    return taken


def exchanged(quantity: int, amount, nominal) -> int:
    """Return how many shares of another class a sum in capital makes.

    Shares are not divided (Code civil, article 1843-2: they are in proportion
    to what is brought): raise ValueError if no whole number does, or if the
    nominal value is not positive.

    >>> from decimal import Decimal
    >>> exchanged(3, Decimal(60), Decimal(15))
    4
    """
    if nominal <= 0 or quantity <= 0:
        raise ValueError("the quantity and the nominal value must be positive")
    count, rest = divmod(amount, nominal)
    if rest:
        raise ValueError("no whole number of shares")
    return int(count)
