import unittest

from tills.discount import best


class Discount(unittest.TestCase):
    def test_the_best_one_counts(self):
        self.assertEqual(best("20.00", ["5", "10"]), "18.00")

    def test_none(self):
        self.assertEqual(best("9.99", []), "9.99")

    def test_a_third(self):
        self.assertEqual(best("9.99", ["33"]), "6.69")
