"""A ledger of accounts."""

from tills import amounts


class Ledger:
    def __init__(self):
        self.accounts = {}

    def post(self, account, amount):
        self.accounts[account] = self.accounts.get(account, 0.0) + float(amount)

    def transfer(self, source, target, amount):
        if float(self.balance(source)) < float(amount):
            raise ValueError(f"{source} does not have {amount}")
        self.post(source, "-" + amount)
        self.post(target, amount)

    def balance(self, account):
        return amounts.text(round(self.accounts.get(account, 0.0), 6) + 0.0)
