import unittest

from tills.invoice import heaviest, total


class Invoice(unittest.TestCase):
    def test_the_sum_of_its_lines(self):
        self.assertEqual(total([("pen", 3, "1.10"), ("ink", 1, "7.25")]), "10.55")

    def test_nothing_bought(self):
        self.assertEqual(total([]), "0.00")

    def test_many_small_ones(self):
        self.assertEqual(total([("sweet", 1, "0.10")] * 30), "3.00")

    def test_the_heaviest_line(self):
        self.assertEqual(heaviest([("pen", 9, "1.10"), ("ink", 1, "7.25")]), "pen")
