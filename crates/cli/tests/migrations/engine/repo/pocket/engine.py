"""All of it together."""

from pocket import attention, sampler, weights
from pocket.cache import Cache
from pocket.tokenizer import Tokenizer


class Product:
    """A product of rows, whatever framework they come from."""

    def __init__(self, a, b):
        columns = list(zip(*b.rows()))
        self._rows = [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a.rows()]

    def rows(self):
        return self._rows

    def shape(self):
        return len(self._rows), len(self._rows[0])


def generate(model, letters, prompt, count, temperature=0, window=8):
    tensors, tokenizer = weights.load(model), Tokenizer(letters)
    tokens, cache = tokenizer.encode(prompt), Cache(window)
    for token in tokens[:-1]:
        row = tokenizer.embed([token], tensors["table"]).rows()[0]
        cache.append(row, row)
    for step in range(count):
        embedded = tokenizer.embed(tokens[-1:], tensors["table"])
        row = embedded.rows()[0]
        cache.append(row, row)
        seen = attention.attend(embedded, cache.keys(), cache.values())
        logits = Product(seen, tensors["output"])
        tokens.append(sampler.pick(logits, temperature, seed=step))
    return tokenizer.decode(tokens)
