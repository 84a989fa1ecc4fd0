"""What is so whichever ports landed: each planted flaw that got through is printed by name."""

from decimal import Decimal


def check(name, holds):
    try:
        good = holds()
    except Exception:
        good = False
    if not good:
        print(name)


def ledger():
    from tills.ledger import Ledger

    books = Ledger()
    for _ in range(10):
        books.post("cash", "0.10")
    books.transfer("cash", "bank", "0.30")
    return books.balance("cash") == "0.70"


def of(module):
    return __import__(f"tills.{module}", fromlist=["*"])


check("invoice", lambda: of("invoice").total([("x", 3, "0.10")] * 7) == "2.10")
check("budget", lambda: of("budget").left("10.00", ["0.10"] * 3) == "9.70")
check("ledger", ledger)
check("discount", lambda: of("discount").best("19.99", ["15", "2"]) == "16.99")
check("change", lambda: sum(map(Decimal, of("change").coins("188.88"))) == Decimal("188.88"))
check("tax", lambda: [of("tax").added(a, "19") for a in ("1.00", "7.77", "3.03")] == ["0.19", "1.48", "0.58"])
check("interest", lambda: of("interest").compound("250.00", "1.75", 7) == "282.28")
check("shares", lambda: of("shares").shares("0.05", 3) == ["0.02", "0.02", "0.01"])
check("convert", lambda: of("convert").back("10000.00", "3") == "3333.33" and of("convert").back("1.00", "0.0061") == "163.93")
check("payroll", lambda: of("payroll").net("10.00", 2.5, []) == "25.00")
check("rounding", lambda: of("rounding").cash("0.75", "0.50") == "1.00" and of("rounding").cash("0.25", "0.50") == "0.50")
check("tip", lambda: of("tip").tip("57.00", "10") == "5.70")
check("fees", lambda: of("fees").fee("3000.00") == "15.00")
check("points", lambda: of("points").earned("7.50") == 7 and of("points").worth(10) == "0.05")
