import unittest

from pocket.sampler import pick
from pocket.weights import load


class Sampler(unittest.TestCase):
    def setUp(self):
        self.logits = load("x 2 3 9 0 0 0.5 2 1")["x"]

    def test_the_likeliest_of_the_last_row(self):
        self.assertEqual(pick(self.logits, 0, 1), 1)

    def test_chance_follows_the_seed(self):
        self.assertEqual([pick(self.logits, 1.0, seed) for seed in range(6)], [0, 1, 0, 1, 0, 1])

    def test_a_high_temperature_evens_out(self):
        picked = [pick(self.logits, 50.0, seed) for seed in range(300)]
        self.assertGreater(min(picked.count(token) for token in range(3)), 60)
