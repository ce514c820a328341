"""Runs trusted tests against a candidate that lives in another box: each call of it is a question over the channel.

What comes back is plain data, so an object with an `__eq__` of its own cannot reach an assert. Arguments are copies: a
candidate that changes its arguments in place does so in its own box only.
"""

import ast
import builtins
import os
import sys

FILE = "<tests>"
ARGUMENTS_LIMIT = 16 * 1024 * 1024
COUNT = "__count_assert__"


class CandidateError(Exception):
    """The candidate raised something that is no built-in exception."""


class NotCarried(BaseException):
    """The tests pass something that cannot cross to the candidate's box."""


class Progress:
    written = 0
    asserts = 0
    calls = 0


def candidate(entry):
    def call(*args, **named):
        if named:
            raise NotCarried(f"the tests call {entry} with named arguments, expected positional ones")
        try:
            question = f'{{"ask":{encode(entry, 1000)},"args":{encode(list(args), ARGUMENTS_LIMIT)}}}'
        except (TooDeep, TooLong) as error:  # what the candidate gave may be in it
            raise ValueError(f"{entry} cannot be called with {error if str(error) else 'arguments so long'}") from None
        except NotPlain as error:  # the candidate gives plain data only, so this is the tests' own
            raise NotCarried(f"the tests call {entry} with {error}, expected plain data") from None
        Progress.calls += 1
        send(question)
        answer = receive()
        if answer["outcome"] == "ok":
            return answer["value"]
        raise raised(answer["error"], answer["message"])

    call.__name__ = entry
    return call


def raised(name, message):
    """The built-in exception of that name, so that tests which expect it see it."""
    kind = getattr(builtins, str(name), None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:
            pass  # a kind that wants more than a text
    return CandidateError(f"{name}: {message}")


class CountAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        Progress.written += 1
        call = ast.Call(ast.Name(COUNT, ast.Load()), [], [])
        return [ast.copy_location(ast.Expr(call), node), node]


def count_assert():
    Progress.asserts += 1


def run_tests(source, entries):
    module = type(sys)("__tests__")
    sys.modules["__tests__"] = module
    names = vars(module)
    names[COUNT] = count_assert
    for entry in entries:
        top, dot, method = entry.partition(".")
        names[top] = type(top, (), {method: staticmethod(candidate(entry))}) if dot else candidate(entry)
    tree = ast.fix_missing_locations(CountAsserts().visit(ast.parse(source, FILE)))
    exec(compile(tree, FILE, "exec", dont_inherit=True), names)
    if Progress.asserts == 0 and callable(names.get("check")):
        names["check"](names[entries[0].partition(".")[0]])


def place(error, source):
    """The innermost line of the tests that led to the error."""
    lines = source.splitlines()
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line}: {lines[line - 1].strip()[:200]})" if line and line <= len(lines) else ""


def main():
    send('{"ready":true}')
    job = receive()
    failure, message = None, ""
    try:
        run_tests(job["tests"], job["entries"])
    except BaseException as error:
        failure = "not carried" if isinstance(error, NotCarried) else "raised"
        said = f": {error}" if str(error) else ""
        message = f"{type(error).__name__}{said}"[:2000] + place(error, job["tests"])
    counts = {"written": Progress.written, "asserts": Progress.asserts, "calls": Progress.calls}
    fields = {"failure": failure, "message": message, **counts}
    send(encode(fields, ARGUMENTS_LIMIT))
    os._exit(0)


main()
