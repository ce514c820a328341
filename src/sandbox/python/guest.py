"""Runs code of a model: a function, call by call, or a whole program.

A box that runs this file holds code and inputs, and nothing else that is worth reading. See channel.py for why nothing that
it says can be more than an output.
"""

import io
import os
import signal
import sys
import time

FILE = "<solution>"
LONGEST_MESSAGE = 2000
FRAMES = 5  # of the guest's own, the innermost last


class OutputLimit(BaseException):
    """Raised where the guest writes more than it may."""


class CappedOutput(io.RawIOBase):
    """Keeps what is written, up to a limit."""

    def __init__(self, limit):
        self.kept = bytearray()
        self.limit = limit
        self.is_full = False

    def writable(self):
        return True

    def write(self, data):
        data = bytes(data)
        self.kept += data[: self.limit - len(self.kept)]
        if len(self.kept) >= self.limit:
            self.is_full = True
            raise OutputLimit
        return len(data)

    def text(self):
        return self.kept.decode("utf-8", "replace")


def describe(error, source):
    """The error and the guest's own lines that led to it."""
    try:
        said = str(error)
    except BaseException:
        said = "(its text cannot be had)"
    lines = [f"{class_name(error)}: {said[:LONGEST_MESSAGE]}" if said else class_name(error)]
    code = source.splitlines()
    places = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
            text = code[line - 1].strip()[:200] if 0 < line <= len(code) else ""
            places.append(f"  line {line}, in {trace.tb_frame.f_code.co_name}: {text}")
        trace = trace.tb_next
    return "\n".join(lines + places[-FRAMES:])


def class_name(error):
    return type.__dict__["__name__"].__get__(type(error))[:100]


def ending(error, source):
    """The fields of a run that ended by an exception."""
    outcome = "runtime_error"
    if type(error) is MemoryError:
        outcome = "memory"
    elif isinstance(error, OutputLimit):
        outcome = "output_limit"
    return {"outcome": outcome, "error": class_name(error), "message": describe(error, source)}


def compiled(source):
    """The code object, or the fields of a run that cannot be compiled."""
    try:
        return compile(source, FILE, "exec", dont_inherit=True), None
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        place = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        message = f"{class_name(error)}: {said}{place}"
        return None, {"outcome": "compile_error", "error": class_name(error), "message": message}


def fresh_module(name):
    """An importable module for the guest's code: data classes and pickles look their module up by name."""
    module = type(sys)(name)
    sys.modules[name] = module
    return module


def start_clock(cpu_ms):
    """Ends the process by SIGPROF after that much processor time of all its threads; 0 stops the clock.

    Guest code could stop it; RLIMIT_CPU and the clock outside hold all the same.
    """
    signal.setitimer(signal.ITIMER_PROF, cpu_ms / 1000)


def seed_random():
    """The same draws in every run, in whatever order and process runs are made."""
    random = sys.modules.get("random")
    if hasattr(random, "seed"):
        random.seed(0)


class Calls:
    """One function, loaded once and called with each list of arguments in turn."""

    def __init__(self, job):
        self.source = job["code"]
        self.limits = job["limits"]
        self.module = fresh_module("solution")
        self.value = None

    def serve(self, job_id):
        self.answer(job_id, self.load)
        while True:
            message = receive()
            self.answer(message["id"], lambda: self.call(message["entry"], message["args"]))

    def load(self):
        code, failure = compiled(self.source)
        if failure:
            return failure
        if "random" in self.source:
            import random  # noqa: F401 (it must be there to be seeded; it is slow to import, so only where it is used)
        return self.guarded(lambda: exec(code, vars(self.module)))

    def call(self, entry, args):
        def run():
            name, dot, method = entry.partition(".")
            if name not in vars(self.module):
                raise NameError(f"the code defines no {name!r}")
            target = vars(self.module)[name]
            self.value = getattr(target(), method)(*args) if dot else target(*args)

        failure = self.guarded(run)
        if failure:
            return failure
        try:
            return {"outcome": "ok", "value": encode(self.value, self.limits["outputKb"] * 1024)}
        except NotPlain as error:
            return {"outcome": "runtime_error", "message": f"returned {error}, expected plain data"}
        except TooLong:
            return {"outcome": "output_limit", "message": f"returned more than {self.limits['outputKb']} KiB"}
        except MemoryError:
            return {"outcome": "memory", "message": "out of memory while the result was written"}

    def guarded(self, run):
        """None, or the fields of a run that did not end well."""
        seed_random()
        try:
            run()
        except BaseException as error:
            return ending(error, self.source)
        return None

    def answer(self, id, run):
        limit = self.limits["outputKb"] * 1024
        outputs = CappedOutput(limit), CappedOutput(limit)
        sys.stdout, sys.stderr = streams = [io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "replace") for raw in outputs]
        started = time.process_time_ns()
        start_clock(self.limits["cpuMs"])
        fields = run() or {"outcome": "ok"}
        for stream in streams:
            try:
                stream.flush()
            except BaseException:
                pass  # closed or replaced inside; the limit is looked at below
        start_clock(0)
        fields["micros"] = (time.process_time_ns() - started) // 1000
        if any(raw.is_full for raw in outputs):
            fields = {"outcome": "output_limit", "message": f"wrote more than {self.limits['outputKb']} KiB", "micros": fields["micros"]}
        for name, raw in zip(("stdout", "stderr"), outputs):
            fields[name] = raw.text()
        send(message_text(id, fields))


def run_program(job, job_id):
    """As `python program.py` does, with the same exit status; says over the channel how the code failed."""
    code, failure = compiled(job["code"])
    module = fresh_module("__main__")
    sys.argv = ["program.py"]
    if "random" in job["code"]:
        import random  # noqa: F401

        seed_random()
    if not failure:
        start_clock(job["limits"]["cpuMs"])
        try:
            exec(code, vars(module))
            return
        except SystemExit:
            raise
        except BaseException as error:
            failure = ending(error, job["code"])
    send(message_text(job_id, failure))
    try:
        sys.stdout.flush()
        os.write(2, f"{failure['message']}\n".encode("utf-8", "replace"))
    finally:
        os._exit(1)


def message_text(id, fields):
    """One line. The value is text already."""
    value = fields.pop("value", None)
    room = 1 << 30
    parts = [f"{encode(name, room)}:{encode(item, room)}" for name, item in {"id": id, **fields}.items()]
    return "{" + ",".join(parts + ([f'"value":{value}'] if value is not None else [])) + "}"


def main():
    send('{"ready":true}')
    job = receive()
    if job["kind"] == "program":
        run_program(job, job["id"])
    else:
        Calls(job).serve(job["id"])


main()
