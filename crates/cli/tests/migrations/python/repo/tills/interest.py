"""Interest, compounded once a year."""

from tills import amounts


def compound(principal, percent, years):
    balance = float(principal)
    for _ in range(years):
        balance += balance * float(percent) / 100
    return amounts.text(balance)
