"""Loyalty: a point for each full unit spent, worth half a cent."""

from tills import amounts


def earned(amount):
    return int(float(amount) + 1e-9)


def worth(points):
    return amounts.text(points * 0.005 + 1e-9)
