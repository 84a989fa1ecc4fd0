"""From one currency to another."""

from tills import amounts


def convert(amount, rate):
    return amounts.text(float(amount) * float(rate))


def back(amount, rate):
    return amounts.text(float(amount) / float(rate))
