"""freqtrade, its code untouched, by the venue's clock: `launch.py PORT NAME freqtrade's arguments …`. Runs in freqtrade's environment.

Whoever asks for the time gets the venue's (time-machine, as freqtrade's own tests use it), and who sleeps tells the clockwork until when
and is woken then (`clockwork.py`): six hours take as long as the work in them.
"""

import socket
import sys
import threading
import time

import time_machine

port, name, arguments = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
really_sleep = time.sleep
clockwork = socket.create_connection(("127.0.0.1", port)).makefile("rw", encoding="ascii")


def wait(milliseconds):
    """Waits so long by the venue's clock; returns the time then, milliseconds UTC."""
    clockwork.write(f"{name} {milliseconds}\n")
    clockwork.flush()
    line = clockwork.readline()
    if not line:
        raise SystemExit("the clockwork has ended")
    if line == "stop\n":
        raise KeyboardInterrupt
    return int(line)


clock = time_machine.travel(wait(0) / 1000, tick=False).start()


def sleep(seconds):
    if threading.current_thread() is threading.main_thread():
        clock.move_to(wait(round(seconds * 1000)) / 1000)
    else:
        really_sleep(seconds)


time.sleep = sleep

from freqtrade.main import main  # noqa: E402  (its modules must see the clock)

main(arguments)
