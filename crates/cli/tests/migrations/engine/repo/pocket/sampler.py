"""Picks the next token."""

from pocket import stripes


def pick(logits, temperature, seed):
    """Of one row; at temperature 0 the likeliest, the first of them."""
    row = logits.rows()[-1]
    if temperature == 0:
        return row.index(max(row))
    chances = stripes.softmax(stripes.Tensor([[x / temperature for x in row]])).rows()[0]
    dice = (seed * 1103515245 + 12345) % 2**31 / 2**31
    for token, chance in enumerate(chances):
        dice -= chance
        if dice < 0:
            return token
    return len(chances) - 1
