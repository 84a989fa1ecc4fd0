import unittest

from tills.fees import fee


class Fees(unittest.TestCase):
    def test_half_a_percent(self):
        self.assertEqual(fee("1000.00"), "5.00")

    def test_at_least(self):
        self.assertEqual(fee("10.00"), "1.00")

    def test_at_most(self):
        self.assertEqual(fee("10000.00"), "25.00")
