# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.statement import (
    balance_line, balance_sheet, income_statement, treasury)

CONTRIBUTION = '65889'
MARGIN = ('60', '611')

cents = st.integers(-10 ** 8, 10 ** 8).map(lambda c: D(c) / 100)
codes = st.one_of(
    st.sampled_from([
            '101', '165', '2183', '31', '4011', '4091', '4111', '4191', '421',
            '425', '4282', '4286', '431', '4386', '44551', '44566', '44571',
            '4564', '467', '471', '486', '512', '531', '58', CONTRIBUTION]),
    st.from_regex(r'[1-7][0-9]{2,5}', fullmatch=True))
balances = st.dictionaries(codes, cents, max_size=30)


def in_margin(code):
    return code.startswith(MARGIN)


class StatementTestCase(unittest.TestCase):

    def test_month_of_the_domain(self):
        "The month of § 5.5: nothing is paid yet"
        balances = {
            '411': D('5580'), '401': D('-1452'), '421': D('-38.40'),
            '44571': D('-930'), '44566': D('242'),
            '706': D('-3400'), '707': D('-1250'), '607': D('700'),
            '611': D('450'), '626': D('60'), '6251': D('38.40'),
            CONTRIBUTION: D('350'),
            }
        statement = income_statement(balances, in_margin, CONTRIBUTION)
        self.assertEqual(statement.turnover, D('4650.00'))
        self.assertEqual(statement.gross_margin, D('3500.00'))
        self.assertEqual(statement.contribution, D('-350.00'))
        self.assertEqual(statement.other, D('-98.40'))
        self.assertEqual(statement.result, D('3051.60'))
        money = treasury(balances)
        # The contribution is the only thing that has gone
        self.assertEqual(money.cash, D('-350.00'))
        self.assertEqual(money.vat, D('-688.00'))
        self.assertEqual(money.suppliers, D('-1452.00'))
        self.assertEqual(money.reference, D('-2490.00'))
        self.assertEqual(money.customers, D('5580.00'))
        self.assertEqual(money.future, D('3051.60'))
        self.assertEqual(money.result, statement.result)

    def test_year_of_the_domain(self):
        "The year of § 7.3, without its leave provision"
        statement = income_statement({
                '706': D('-42000'), '604': D('6000'), CONTRIBUTION: D('3600'),
                '6251': D('2900'), '6411': D('17300'), '6451': D('5190'),
                }, in_margin, CONTRIBUTION)
        self.assertEqual(statement.gross_margin, D('36000'))
        self.assertEqual(statement.available, D('29500'))
        self.assertEqual(statement.pay, D('-22490'))
        self.assertEqual(statement.result, D('7010'))

    def test_collected(self):
        "An invoice paid: the cash holds the tax until it is paid"
        money = treasury({
                '411': D(0), '44571': D('-20'), '706': D('-100'),
                '512': D('120')})
        self.assertEqual(money.cash, D('120.00'))
        self.assertEqual(money.reference, D('100.00'))

    @given(balances)
    def test_lines_add_up_to_the_result(self, balances):
        statement = income_statement(balances, in_margin, CONTRIBUTION)
        self.assertEqual(statement.result, -sum(
                b for c, b in balances.items() if c[0] in '67'))

    @given(balances)
    def test_treasury_leads_to_the_result(self, balances):
        "Cash, what is due and what is owed are what was earned"
        statement = income_statement(balances, in_margin, CONTRIBUTION)
        money = treasury(balances)
        self.assertEqual(money.result, statement.result)

    @given(balances)
    def test_cash_is_what_banks_hold(self, balances):
        "When the entries balance, the other side of cash is on the banks"
        rest = -sum(balances.values(), D(0))
        balances['512'] = balances.get('512', D(0)) + rest
        self.assertEqual(treasury(balances).cash, sum(
                b for c, b in balances.items() if c[0] == '5'))

    def test_balance_sheet(self):
        "The month of § 5.5, after a year with a loss of 100.00"
        year = {
            '706': D('-3400'), '707': D('-1250'), '607': D('700'),
            '611': D('450'), '626': D('60'), '6251': D('38.40'),
            CONTRIBUTION: D('350'),
            }
        sheet = balance_sheet({
                **year, '626': D('160'), '411': D('5580'), '401': D('-1452'),
                '421': D('-38.40'), '44571': D('-930'), '44566': D('242'),
                }, year)
        self.assertEqual(sheet.asset_customers, D('5580.00'))
        self.assertEqual(sheet.asset_vat, D('242.00'))
        self.assertEqual(sheet.result, D('3051.60'))
        self.assertEqual(sheet.brought_forward, D('-100.00'))
        self.assertEqual(sheet.liability_cash, D('450.00'))
        self.assertEqual(sheet.liability_suppliers, D('1452.00'))
        self.assertEqual(sheet.liability_vat, D('930.00'))
        self.assertEqual(sheet.liability_dues, D('38.40'))
        self.assertEqual(sheet.assets, sheet.liabilities)

    @given(balances, balances)
    def test_balance_sheet_balances(self, balances, year):
        sheet = balance_sheet(balances, year)
        self.assertEqual(sheet.assets, sheet.liabilities)
        self.assertEqual(sheet.result, -sum(
                b for c, b in year.items() if c[0] in '67'))
        self.assertEqual(
            sheet.asset_cash - sheet.liability_cash, treasury(balances).cash)

    @given(codes, cents)
    def test_balance_line_is_on_the_side_of_the_balance(self, code, balance):
        line = balance_line(code, balance)
        self.assertEqual(line.startswith('asset_'), balance > 0)
        self.assertIn(line, balance_sheet({}, {}).__slots__)
