# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.graph import Series, month_graph, scale

D = Decimal
amounts = st.lists(st.decimals(
        min_value=-10 ** 9, max_value=10 ** 9, places=2), max_size=12)
SVG = '{http://www.w3.org/2000/svg}'


class GraphTestCase(unittest.TestCase):

    def test_scale(self):
        for found, expected in [
                ([], [0, D('0.2'), D('0.4'), D('0.6'), D('0.8'), 1]),
                ([D(480)], [0, 100, 200, 300, 400, 500]),
                ([D(-30), D(480)], [
                        -200, 0, 200, 400, 600]),
                ([D(-900)], [-1000, -800, -600, -400, -200, 0])]:
            with self.subTest(amounts=found):
                self.assertEqual(scale(found), expected)

    @given(amounts)
    def test_scale_holds_all(self, amounts):
        values = scale(amounts)
        self.assertIn(0, values)
        self.assertTrue(2 <= len(values) <= 7)
        self.assertTrue(all(
                values[0] <= a <= values[-1] for a in amounts))
        steps = {b - a for a, b in zip(values, values[1:])}
        self.assertEqual(len(steps), 1)

    @given(amounts, st.text(alphabet='<&">é\'A ', max_size=8))
    def test_graph_fits(self, amounts, name):
        "All is drawn inside of the picture, and its texts are only texts"
        graph = ElementTree.fromstring(month_graph(
                [name] * len(amounts), [
                    Series(name, '#112233', amounts),
                    Series(name, '#332211', amounts, line=True)],
                str, 500, 150))
        self.assertEqual(
            [t.text or '' for t in graph.iter(f'{SVG}text')].count(name),
            len(amounts) + 2)
        bars = [
            r for r in graph.iter(f'{SVG}rect')
            if r.get('fill') == '#112233'][:len(amounts)]
        self.assertEqual(len(bars), len(amounts))
        for bar in bars:
            x, y, width, height = (
                float(bar.get(a)) for a in ['x', 'y', 'width', 'height'])
            self.assertTrue(0 <= x and x + width <= 500.01)
            self.assertTrue(0 <= y and y + height <= 150.01)

    def test_bar_height(self):
        "A bar is as high as its amount on the scale"
        graph = ElementTree.fromstring(month_graph(
                ["a", "b"], [Series("s", '#112233', [D(500), D(-250)])],
                str, 500, 146))
        high, low = (
            float(r.get('height')) for r in graph.iter(f'{SVG}rect')
            if r.get('fill') == '#112233' and r.get('y') != '7')
        self.assertEqual(round(high / low, 1), 2)
        self.assertEqual(high + low, 75.0)
