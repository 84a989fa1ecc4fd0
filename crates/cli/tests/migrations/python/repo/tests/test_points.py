import unittest

from tills.points import earned, worth


class Points(unittest.TestCase):
    def test_full_units(self):
        self.assertEqual(earned("12.99"), 12)

    def test_worth(self):
        self.assertEqual(worth(300), "1.50")

    def test_half_a_cent(self):
        self.assertEqual(worth(1), "0.01")
