"""What a bank takes for a transfer."""

from tills import amounts


def fee(amount):
    """Half a percent, at least one and at most twenty-five."""
    return amounts.text(min(25.0, max(1.0, float(amount) * 0.005 + 1e-9)))
