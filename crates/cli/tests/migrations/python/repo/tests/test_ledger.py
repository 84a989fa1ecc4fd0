import unittest

from tills.ledger import Ledger


class Books(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()
        self.ledger.post("cash", "100.00")

    def test_a_balance(self):
        self.assertEqual(self.ledger.balance("cash"), "100.00")

    def test_an_account_that_nobody_opened(self):
        self.assertEqual(self.ledger.balance("gold"), "0.00")

    def test_a_transfer(self):
        self.ledger.transfer("cash", "bank", "99.99")
        self.assertEqual((self.ledger.balance("cash"), self.ledger.balance("bank")), ("0.01", "99.99"))

    def test_more_than_there_is(self):
        with self.assertRaises(ValueError):
            self.ledger.transfer("cash", "bank", "100.01")
