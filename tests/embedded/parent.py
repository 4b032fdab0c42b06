"""Runs a stack with the stand-ins in a folder until it is killed; prints its processes."""

import json
import os
import sys
import threading
from pathlib import Path

from streamer.embedded.folder import Folder
from streamer.embedded.stack import Stack
from streamer.settings import Settings, environment


def _nothing(_: object) -> None:
    pass


def main() -> None:
    env = {**environment(), "STREAMER_GATEWAY": "127.0.0.1:0", "STREAMER_METRICS": "127.0.0.1:0"}
    settings = Settings.from_environment({**env, "STREAMER_GATEWAY_METRICS": "127.0.0.1:0"})
    folder = Folder(Path(sys.argv[1])).open(_nothing)
    stack = Stack(
        folder,
        settings,
        _nothing,
        durable=False,
        log_files=True,
        cancel=threading.Event(),
        program=(sys.executable, str(Path(__file__).with_name("stand_in.py"))),
    )
    stack.start(_nothing)
    sys.stdout.write(json.dumps({**stack.pids(), "guard": stack.guard_pid, "self": os.getpid()}))
    sys.stdout.write("\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
