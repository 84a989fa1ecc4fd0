"""The old framework: tensors as lists of rows."""

import math


class Tensor:
    def __init__(self, rows):
        self._rows = [list(row) for row in rows]

    def rows(self):
        return self._rows

    def shape(self):
        return len(self._rows), len(self._rows[0]) if self._rows else 0


def zeros(height, width):
    return Tensor([[0.0] * width for _ in range(height)])


def matmul(a, b):
    columns = list(zip(*b.rows()))
    return Tensor([[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a.rows()])


def transposed(a):
    return Tensor(zip(*a.rows()))


def scaled(a, factor):
    return Tensor([[x * factor for x in row] for row in a.rows()])


def softmax(a):
    def of(row):
        top = max(row)
        powers = [math.exp(x - top) for x in row]
        return [power / sum(powers) for power in powers]

    return Tensor([of(row) for row in a.rows()])
