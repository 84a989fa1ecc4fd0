import unittest

from tills.budget import is_over, left


class Budget(unittest.TestCase):
    def test_what_is_left(self):
        self.assertEqual(left("100.00", ["33.10", "0.95"]), "65.95")

    def test_all_of_it_spent(self):
        self.assertEqual(left("0.30", ["0.10", "0.20"]), "0.00")

    def test_over(self):
        self.assertTrue(is_over("1.00", ["1.01"]))
        self.assertFalse(is_over("1.00", ["1.00"]))
