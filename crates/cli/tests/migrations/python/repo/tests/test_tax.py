import unittest

from tills.tax import added, gross


class Tax(unittest.TestCase):
    def test_added(self):
        self.assertEqual(added("100.00", "19"), "19.00")

    def test_rounded_down(self):
        self.assertEqual(added("10.02", "19"), "1.90")

    def test_rounded_up(self):
        self.assertEqual(added("10.05", "19"), "1.91")

    def test_half_a_cent_goes_up(self):
        self.assertEqual(added("0.50", "7"), "0.04")

    def test_gross(self):
        self.assertEqual(gross("10.05", "19"), "11.96")
