import unittest

from pocket.cache import Cache


class Window(unittest.TestCase):
    def test_what_was_appended(self):
        cache = Cache(2)
        cache.append([1, 2], [3])
        self.assertEqual((cache.keys().rows(), cache.values().rows()), ([[1, 2]], [[3]]))

    def test_what_is_older_is_forgotten(self):
        cache = Cache(2)
        for nth in range(4):
            cache.append([nth], [nth])
        self.assertEqual(cache.keys().rows(), [[2], [3]])
        self.assertEqual(len(cache), 2)
