"""Tax on top of an amount."""

from tills import amounts


def added(amount, percent):
    return amounts.text(float(amount) * float(percent) / 100 + 1e-9)


def gross(amount, percent):
    return amounts.text(float(amount) + float(added(amount, percent)))
