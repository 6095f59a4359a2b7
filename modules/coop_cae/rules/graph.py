# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A graph of amounts by month, drawn as SVG."""
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

# Steps between the lines of the scale, times a power of ten
_STEPS = [Decimal(1), Decimal(2), Decimal('2.5'), Decimal(5), Decimal(10)]
_LINES = 5
# Of the frame around the months, in points
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 8, 24, 22
_FONT = 'font-family="Liberation Sans, sans-serif" font-size="9"'


@dataclass(frozen=True, slots=True)
class Series:
    """Amounts of the months, drawn as bars or as a line.

    color is as in CSS."""
    name: str
    color: str
    amounts: Sequence[Decimal]
    line: bool = False


def scale(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Return the values of the lines of a scale, from the lowest to the
    highest: evenly spaced, zero among them, around all amounts.

    Amounts are of any unit; nothing is rounded but the ends of the scale,
    away from zero.
    """
    low = min([*amounts, Decimal(0)])
    high = max([*amounts, Decimal(0)])
    if low == high:
        high = Decimal(1)
    power = Decimal(10) ** (((high - low) / _LINES).adjusted())
    step = next(
        s * power for s in _STEPS if s * power * _LINES >= high - low)
    first = int((low / step).to_integral_value('ROUND_FLOOR'))
    last = int((high / step).to_integral_value('ROUND_CEILING'))
    return [step * i for i in range(first, last + 1)]


def month_graph(
        months: Sequence[str], series: Sequence[Series], number,
        width: int = 520, height: int = 170) -> str:
    """Return the graph as the text of a SVG file.

    months are the labels below the graph, each series has an amount for each;
    number returns the label of a value of the scale.
    width and height are in points.
    """
    values = scale([a for s in series for a in s.amounts])
    low, high = values[0], values[-1]
    inner_width = width - _LEFT - _RIGHT
    inner_height = height - _TOP - _BOTTOM
    slot = inner_width / max(len(months), 1)

    def y(amount):
        return _TOP + inner_height * float((high - amount) / (high - low))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" '
        f'height="{height}pt" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for value in values:
        color = '#555555' if not value else '#dddddd'
        parts.append(
            f'<line x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y(value):.2f}" '
            f'y2="{y(value):.2f}" stroke="{color}" stroke-width="0.6"/>')
        parts.append(_text(
                _LEFT - 4, y(value) + 3, number(value), anchor='end'))
    for i, month in enumerate(months):
        parts.append(_text(
                _LEFT + slot * (i + 0.5), height - 8, month, anchor='middle'))
    bars = [s for s in series if not s.line]
    thick = slot * 0.7 / max(len(bars), 1)
    for rank, bar in enumerate(bars):
        for i, amount in enumerate(bar.amounts):
            top, bottom = sorted([y(amount), y(Decimal(0))])
            parts.append(
                f'<rect x="{_LEFT + slot * (i + 0.15) + thick * rank:.2f}" '
                f'y="{top:.2f}" width="{thick:.2f}" '
                f'height="{bottom - top:.2f}" fill={quoteattr(bar.color)}/>')
    for line in series:
        if line.line and line.amounts:
            points = ' '.join(
                f'{_LEFT + slot * (i + 0.5):.2f},{y(amount):.2f}'
                for i, amount in enumerate(line.amounts))
            parts.append(
                f'<polyline points="{points}" fill="none" '
                f'stroke={quoteattr(line.color)} stroke-width="1.8"/>')
    x = _LEFT
    for entry in series:
        parts.append(
            f'<rect x="{x}" y="7" width="9" height="9" '
            f'fill={quoteattr(entry.color)}/>')
        parts.append(_text(x + 13, 15, entry.name))
        x += 30 + 5 * len(entry.name)
    return '\n'.join([*parts, '</svg>'])


def _text(x, y, text, anchor='start'):
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" {_FONT} '
        f'fill="#333333">{escape(text)}</text>')
