"""A worker whose stored state has another version; the arguments are those of worker_main.py.

VERSION_GROUP in the environment keeps it in that group, with what that group has committed.
"""

import asyncio
import os
import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from streamer.state import version

version.VERSION += 1  # type: ignore[misc]
from streamer.transport import topics  # noqa: E402 - it is named after the version

topics.GROUP = os.environ.get("VERSION_GROUP", topics.GROUP)  # type: ignore[misc]
from tests.processing.cluster import settings_for  # noqa: E402

# As `streamer worker` does at its start.
asyncio.run(topics.ensure_topics(settings_for(sys.argv[1])))
runpy.run_path(str(Path(__file__).with_name("worker_main.py")), run_name="__main__")
