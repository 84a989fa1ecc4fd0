"""What a customer owes."""

from tills import amounts


def total(lines):
    """Of (name, quantity, price)."""
    return amounts.text(sum(quantity * float(price) for _, quantity, price in lines))


def heaviest(lines):
    """The name of the line that costs most."""
    return max(lines, key=lambda line: line[1] * float(line[2]))[0]
