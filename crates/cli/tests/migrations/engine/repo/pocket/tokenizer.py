"""Letters as tokens."""

from pocket import stripes


class Tokenizer:
    def __init__(self, letters):
        self.letters = letters

    def encode(self, text):
        unknown = sorted(set(text) - set(self.letters))
        if unknown:
            raise ValueError(f"no token for {''.join(unknown)}")
        return [self.letters.index(letter) for letter in text]

    def decode(self, tokens):
        return "".join(self.letters[token] for token in tokens)

    def embed(self, tokens, table):
        rows = table.rows()
        return stripes.Tensor([rows[token] for token in tokens])
