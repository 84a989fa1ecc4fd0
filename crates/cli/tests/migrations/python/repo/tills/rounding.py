"""Rounding of what is paid in cash."""

from tills import amounts


def cash(amount, step="0.05"):
    """To the nearest step; a half goes up."""
    steps = int(float(amount) / float(step) + 0.5 + 1e-9)
    return amounts.text(steps * float(step))
