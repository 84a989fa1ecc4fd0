import unittest

from tills.shares import shares


class Shares(unittest.TestCase):
    def test_halves(self):
        self.assertEqual(shares("10.00", 2), ["5.00", "5.00"])

    def test_thirds_of_nine(self):
        self.assertEqual(shares("9.00", 3), ["3.00", "3.00", "3.00"])

    def test_one_pays_all(self):
        self.assertEqual(shares("7.77", 1), ["7.77"])
