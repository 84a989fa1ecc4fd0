import unittest

from tills.tip import tip


class Tip(unittest.TestCase):
    def test_a_tenth(self):
        self.assertEqual(tip("42.00", "10"), "4.20")

    def test_at_least_fifty_cents(self):
        self.assertEqual(tip("3.00", "10"), "0.50")

    def test_rounded(self):
        self.assertEqual(tip("33.33", "15"), "5.00")
