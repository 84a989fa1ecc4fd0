import unittest

from tills.convert import back, convert


class Convert(unittest.TestCase):
    def test_there(self):
        self.assertEqual(convert("10.00", "1.0837"), "10.84")

    def test_and_back(self):
        self.assertEqual(back("10.84", "1.0837"), "10.00")

    def test_a_small_rate(self):
        self.assertEqual(convert("20000.00", "0.0061"), "122.00")
