"""Wages after deductions."""

from tills import amounts


def net(wage, hours, deductions):
    gross = float(wage) * hours
    return amounts.text(gross - sum(float(one) for one in deductions))
