"""Whether a module has left floating point behind: `no_floats.py NAME`."""

import ast
import sys

path = f"tills/{sys.argv[1]}.py"
found = [
    f"{path}:{node.lineno}: {ast.unparse(node)}"
    for node in ast.walk(ast.parse(open(path, encoding="utf-8").read()))
    if (isinstance(node, ast.Constant) and isinstance(node.value, float))
    or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
]
print("\n".join(found) or f"{path} reckons without floats")
sys.exit(bool(found))
