import unittest

from pocket.scheduler import batches, mask


class Batches(unittest.TestCase):
    def test_no_batch_is_larger_than_the_room(self):
        self.assertEqual(batches([3, 4, 5, 1], 8), [[0, 1], [2, 3]])

    def test_one_that_never_fits(self):
        with self.assertRaises(ValueError):
            batches([9], 8)

    def test_who_has_a_token_where(self):
        self.assertEqual(mask([1, 3]).rows(), [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
