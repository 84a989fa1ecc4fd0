import unittest

from tills.rounding import cash


class Cash(unittest.TestCase):
    def test_down(self):
        self.assertEqual(cash("9.92"), "9.90")

    def test_up(self):
        self.assertEqual(cash("9.93"), "9.95")

    def test_half_a_step_goes_up(self):
        self.assertEqual(cash("1.25", "0.50"), "1.50")

    def test_whole_ones(self):
        self.assertEqual(cash("7.00"), "7.00")
