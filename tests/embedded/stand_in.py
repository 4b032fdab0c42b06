"""Stands for `streamer gateway` and `streamer worker`: answers /readyz at its address, no more."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

ADDRESS = {"gateway": "STREAMER_GATEWAY", "worker": "STREAMER_METRICS"}


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    command = sys.argv[-1]
    if code := os.environ.get(f"STAND_IN_{command.upper()}_EXIT"):
        sys.stderr.write(f"{command} cannot\n")
        sys.exit(int(code))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, _, port = os.environ[ADDRESS[command]].rpartition(":")
    HTTPServer((host, int(port)), Ready).serve_forever()


if __name__ == "__main__":
    main()
