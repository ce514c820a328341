"""Reads trusted asserts as a table of calls: `assert f(1, 2) == 3` is the call of f with (1, 2) that should give 3.

Only where every statement says so; imports and doc strings aside. HumanEval's `def check(candidate)` is read the same way.
"""

import ast

LIMIT = 16 * 1024 * 1024


class NotATable(Exception):
    """Something other than an assert of that form."""


def statements(tree, entries):
    """The asserts, and the names by which they call each entry."""
    names = {entry: entry for entry in entries}
    body = [node for node in tree.body if not is_harmless(node)]
    checks = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    if not checks:
        return body, names
    rest = [node for node in body if node not in checks and not is_call_of_check(node, entries)]
    arguments = checks[0].args.args
    if rest or len(checks) > 1 or len(arguments) != 1:
        raise NotATable
    return [node for node in checks[0].body if not is_harmless(node)], {arguments[0].arg: entries[0]}


def is_harmless(node):
    """Does not change what the asserts mean: an import, a text, or a constant such as HumanEval's METADATA."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.Assign) and [getattr(target, "id", None) for target in node.targets] == ["METADATA"]


def is_call_of_check(node, entries):
    return isinstance(node, ast.Expr) and ast.unparse(node) == f"check({entries[0]})"


def row(node, names):
    if not isinstance(node, ast.Assert):
        raise NotATable
    test = node.test
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        raise NotATable
    sides = [test.left, test.comparators[0]]
    calls = [side for side in sides if isinstance(side, ast.Call) and called(side) in names]
    if len(calls) != 1 or calls[0].keywords:
        raise NotATable
    expected = sides[1 - sides.index(calls[0])]
    args = [ast.literal_eval(argument) for argument in calls[0].args]
    return {"entry": names[called(calls[0])], "args": args, "expected": ast.literal_eval(expected)}


def called(call):
    return call.func.id if isinstance(call.func, ast.Name) else None


def table(tests, entries):
    """The text of the table, or "null"."""
    try:
        nodes, names = statements(ast.parse(tests), entries)
        return encode([row(node, names) for node in nodes], LIMIT) if nodes else "null"
    except (NotATable, NotPlain, TooLong, ValueError, TypeError, SyntaxError, RecursionError):
        return "null"  # the tests must be run as they stand, which also tells what is wrong with them


def main():
    send('{"ready":true}')
    while True:
        item = receive()
        send(f'{{"table":{table(item["tests"], item["entries"])}}}')


main()
