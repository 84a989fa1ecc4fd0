"""Discounts: the best of those that apply."""

from tills import amounts


def best(price, percents):
    off = max((float(percent) for percent in percents), default=0.0)
    return amounts.text(float(price) * (100 - off) / 100 + 1e-9)
