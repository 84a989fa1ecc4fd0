"""Sharing an amount out."""

from tills import amounts


def shares(amount, people):
    """What each of them pays; those who come first pay the odd cents."""
    cents = round(float(amount) * 100)
    each, odd = divmod(cents, people)
    return [amounts.text((each + (nth < odd)) / 100) for nth in range(people)]
