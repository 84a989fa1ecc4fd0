"""What is left of a budget."""

from tills import amounts


def left(limit, spent):
    return amounts.text(round(float(limit) - sum(float(one) for one in spent), 6) + 0.0)


def is_over(limit, spent):
    return float(left(limit, spent)) < 0
