import unittest

from pocket.tokenizer import Tokenizer
from pocket.weights import load


class Tokens(unittest.TestCase):
    def setUp(self):
        self.tokenizer = Tokenizer("abc")

    def test_there_and_back(self):
        self.assertEqual(self.tokenizer.decode(self.tokenizer.encode("cab")), "cab")

    def test_unknown_letters_are_named(self):
        with self.assertRaisesRegex(ValueError, "xy"):
            self.tokenizer.encode("ayx")

    def test_embeddings(self):
        table = load("table 3 2 1 2 3 4 5 6")["table"]
        self.assertEqual(self.tokenizer.embed([2, 0], table).rows(), [[5.0, 6.0], [1.0, 2.0]])
