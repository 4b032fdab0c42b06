import os
import subprocess
import sys

from streamer.embedded.guard import Guard

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN_CODE = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(60)
"""
STUBBORN = [sys.executable, "-c", STUBBORN_CODE]


def test_what_is_watched_ends_with_us_even_against_its_will() -> None:
    guard = Guard()
    child = subprocess.Popen(STUBBORN, stdout=subprocess.PIPE)
    assert child.stdout
    child.stdout.readline()
    guard.watch(child.pid, 0.2)

    guard.close()

    assert child.wait(5) == -9
    child.stdout.close()


def test_what_is_forgotten_is_left_alone() -> None:
    guard = Guard()
    child = subprocess.Popen(SLEEP)
    guard.watch(child.pid, 0.2)
    guard.forget(child.pid)

    guard.close()

    assert child.poll() is None
    child.kill()
    child.wait()


def test_the_watchdog_ends_with_us() -> None:
    guard = Guard()

    guard.close()

    try:
        os.kill(guard.pid, 0)
    except ProcessLookupError:
        return
    raise AssertionError


def test_signals_to_the_whole_group_do_not_end_the_watchdog() -> None:
    guard = Guard()
    child = subprocess.Popen(SLEEP)
    guard.watch(child.pid, 5)
    os.kill(guard.pid, 15)
    os.kill(guard.pid, 2)

    guard.close()

    assert child.wait(5) == -15
