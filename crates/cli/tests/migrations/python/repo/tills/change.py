"""Notes and coins for an amount, as few as possible."""

COINS = [50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01]


def coins(amount):
    left, given = float(amount), []
    for coin in COINS:
        while left >= coin - 1e-9:
            left -= coin
            given.append(f"{coin:.2f}")
    return given
