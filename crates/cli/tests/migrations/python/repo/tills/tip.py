"""Tips."""

from tills import amounts


def tip(bill, percent):
    """At least fifty cents."""
    return amounts.text(max(0.5, float(bill) * float(percent) / 100 + 1e-9))
