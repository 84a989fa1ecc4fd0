import unittest

from pocket.weights import load


class Weights(unittest.TestCase):
    def test_tensors_by_name(self):
        tensors = load("a 1 2 0.5 1\nb 2 1 3 4")
        self.assertEqual(tensors["a"].rows(), [[0.5, 1.0]])
        self.assertEqual(tensors["b"].rows(), [[3.0], [4.0]])
        self.assertEqual(tensors["b"].shape(), (2, 1))

    def test_a_file_that_is_cut_short(self):
        with self.assertRaises(ValueError):
            load("a 2 2 1 2 3")

    def test_no_model(self):
        self.assertEqual(load(""), {})
