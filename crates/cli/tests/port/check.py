"""Checks ports against vectors: all of them, or those of the modules that are named.

A module that nobody has ported yet has to be there in its first language, and counts as a test too.
"""
import json
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Last digits of the modules that are looked at twice, and so are on a list.
LISTED = (8, 9)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def run(source, name, scope):
    exec(compile(source, name, "exec"), scope)
    return scope


def check_port(name, must_be_ported):
    port = "port/" + name + ".py"
    source = os.path.join(ROOT, "source", name + ".js")
    if not os.path.exists(os.path.join(ROOT, port)):
        assert not must_be_ported, "not ported"
        assert os.path.exists(source), "gone"
        return
    assert not os.path.exists(source), "ported, and the original is still there"
    scope = run(read(port), port, {"__name__": name})
    number = int(name[-3:])
    if number % 10 in LISTED:
        list_of_ten = read("lists", "%02d.md" % (number // 10))
        assert "- %s," % name in list_of_ten, "ported, and not on its list"
    for given, expected in json.loads(read("tests", "vectors", name + ".json")):
        result = scope["run"](given)
        assert result == expected, "run(%r) is %r, not %r" % (given, result, expected)


def check_more(name):
    """Tests that came later: each says by itself what it expects, and `load` gives it a port."""
    load = lambda port: run(read("port", port + ".py"), port, {"__name__": port})["run"]
    run(read("tests", "more", name), name, {"load": load})


def names(folder, ending):
    folder = os.path.join(ROOT, "tests", folder)
    found = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted(name for name in found if name.endswith(ending))


def main(wanted):
    all_ports = [name[:-5] for name in names("vectors", ".json")]
    tests = [(name, lambda name=name: check_port(name, bool(wanted))) for name in wanted or all_ports]
    if not wanted:
        tests += [(name, lambda name=name: check_more(name)) for name in names("more", ".py")]
    failures = []
    for name, test in tests:
        try:
            test()
        except BaseException as error:
            failures.append({"name": name, "message": "%s: %s" % (type(error).__name__, error)})
    counts = {"passed": len(tests) - len(failures), "failed": len(failures), "skipped": 0}
    cpu_ms = round(time.process_time() * 1000)
    print(json.dumps({"passed": not failures, "failures": failures, "tests": counts, "cpu_ms": cpu_ms}))
    return 1 if failures else 0


sys.exit(main(sys.argv[1:]))
