"""Keys and values of the last tokens: what is older than the window is forgotten."""

from pocket import stripes


class Cache:
    def __init__(self, window):
        self.window, self._keys, self._values = window, [], []

    def append(self, key, value):
        self._keys = [*self._keys, list(key)][-self.window :]
        self._values = [*self._values, list(value)][-self.window :]

    def keys(self):
        return stripes.Tensor(self._keys)

    def values(self):
        return stripes.Tensor(self._values)

    def __len__(self):
        return len(self._keys)
