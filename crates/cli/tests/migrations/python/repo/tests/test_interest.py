import unittest

from tills.interest import compound


class Interest(unittest.TestCase):
    def test_one_year(self):
        self.assertEqual(compound("1000.00", "2.5", 1), "1025.00")

    def test_cents_are_kept_until_the_end(self):
        self.assertEqual(compound("100.00", "3.33", 10), "138.76")

    def test_no_years(self):
        self.assertEqual(compound("12.34", "5", 0), "12.34")
