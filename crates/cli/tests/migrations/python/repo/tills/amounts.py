"""Amounts are texts with two decimals."""


def text(amount):
    return f"{amount:.2f}"
