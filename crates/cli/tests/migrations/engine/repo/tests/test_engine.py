import unittest

from pocket.engine import generate

MODEL = "table 3 3 2 0 0 0 2 0 0 0 2 output 3 3 0 1 0 0 0 1 1 0 0"


class Engine(unittest.TestCase):
    def test_a_model_that_counts(self):
        self.assertEqual(generate(MODEL, "abc", "a", 4, window=1), "abcab")

    def test_the_same_for_the_same_model(self):
        self.assertEqual(generate(MODEL, "abc", "ab", 6, window=2), "abcabcab")

    def test_with_chance(self):
        self.assertEqual(generate(MODEL, "abc", "a", 8, temperature=0.7), "aabababbc")
