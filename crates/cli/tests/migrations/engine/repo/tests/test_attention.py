import unittest

from pocket.attention import attend
from pocket.weights import load


class Attention(unittest.TestCase):
    def attended(self, model):
        tensors = load(model)
        return attend(tensors["q"], tensors["k"], tensors["v"]).rows()

    def test_one_key_is_all_there_is_to_see(self):
        self.assertEqual(self.attended("q 1 2 3 4 k 1 2 1 1 v 1 2 7 8"), [[7.0, 8.0]])

    def test_equal_keys_share(self):
        self.assertEqual(self.attended("q 1 2 1 0 k 2 2 1 0 1 0 v 2 1 2 4"), [[3.0]])

    def test_scores_are_scaled_by_the_width(self):
        ((got,),) = self.attended("q 1 4 2 0 0 0 k 2 4 1 0 0 0 0 0 0 0 v 2 1 1 0")
        self.assertAlmostEqual(got, 0.7310585786300049)
