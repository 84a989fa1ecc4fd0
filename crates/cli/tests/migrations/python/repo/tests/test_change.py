import unittest

from tills.change import coins


class Change(unittest.TestCase):
    def test_as_few_as_possible(self):
        self.assertEqual(coins("3.88"), ["2.00", "1.00", "0.50", "0.20", "0.10", "0.05", "0.02", "0.01"])

    def test_the_same_one_twice(self):
        self.assertEqual(coins("0.40"), ["0.20", "0.20"])

    def test_nothing(self):
        self.assertEqual(coins("0.00"), [])
