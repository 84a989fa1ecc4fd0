import unittest

from tills.payroll import net


class Payroll(unittest.TestCase):
    def test_after_deductions(self):
        self.assertEqual(net("21.35", 40, ["102.10", "33.33"]), "718.57")

    def test_nothing_taken(self):
        self.assertEqual(net("12.41", 1, []), "12.41")

    def test_hours_that_are_no_whole_number(self):
        self.assertEqual(net("20.00", 7.5, ["10.00"]), "140.00")
