"""One line in, one line out: how the driver paces a peer.

A peer starts, warms up, writes one JSON line with its facts, and then waits. "run N" makes it measure N repetitions
and write one JSON line with their seconds; "quit", or the end of the input, ends it. So the driver can let contenders
take turns in one run without paying for their start again.
"""

import json
import os
import resource
import statistics
import sys

# Libraries print to standard output as they please; only our lines may go to the driver.
_driver = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def announce(**facts):
    """Says that the peer is warm, and with what: versions, threads, parameters."""
    _driver.write(json.dumps({"ready": facts}) + "\n")


def next_request():
    """Waits for the driver. Returns how many repetitions it wants, or None when it is done."""
    words = sys.stdin.readline().split()
    if not words or words[0] == "quit":
        return None
    if len(words) != 2 or words[0] != "run":
        raise ValueError(f"the driver sent {words!r}, expected 'run N' or 'quit'")
    return int(words[1])


def answer(seconds, tokens):
    """Reports one request: the seconds of each repetition, and the tokens that one repetition processes."""
    median = statistics.median(seconds)
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    line = {"seconds": seconds, "tokens": tokens, "medianSeconds": median, "tokensPerSecond": tokens / median,
            "peakBytes": peak}
    _driver.write(json.dumps(line) + "\n")
