"""Runs a command on a terminal of its own, types what it is told to, and says in JSON how the terminal was used and left.

Standard input is JSON: {"command": [..], "steps": [{"expect": TEXT, "send": TEXT | "signal": NAME}, ..], "seconds": N}.
"""
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

plan = json.load(sys.stdin)
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
process = subprocess.Popen(plan["command"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
output = b""
seen = 0
raw = False
end = time.monotonic() + plan["seconds"]
steps = plan["steps"]


def read(wait):
    global output
    if not select.select([master], [], [], wait)[0]:
        return False
    output += os.read(master, 65536)
    return True


while process.poll() is None and time.monotonic() < end:
    read(0.02)
    while steps:
        found = output.find(steps[0]["expect"].encode(), seen)
        if found < 0:
            break
        step = steps.pop(0)
        seen = found + len(step["expect"])
        raw = raw or not termios.tcgetattr(slave)[3] & termios.ICANON
        if "send" in step:
            os.write(master, step["send"].encode())
        if "signal" in step:
            process.send_signal(getattr(signal, step["signal"]))
timed_out = process.poll() is None
if timed_out:
    process.kill()
    process.wait()
while read(0):
    pass
json.dump(
    {
        "status": process.returncode,
        "output": output.decode("utf8", "replace"),
        "left": [step["expect"] for step in steps],
        "raw": raw,
        "restored": termios.tcgetattr(slave) == before,
        "timedOut": timed_out,
    },
    sys.stdout,
)
