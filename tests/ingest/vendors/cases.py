"""What the contract suite needs to know of a vendor: how it signs, and samples of what it sends."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from streamer.ingest.sources import Source, read_sources
from tests.ingest.support import Signer, settings

Sign = Callable[[bytes, float], Mapping[str, str]]


@dataclass(frozen=True)
class Case:
    """One vendor under the contract.

    `sign` and `sign_rotated` sign a body at a moment with the first and the second secret;
    `sign_wrong` with a secret that is not configured. `bodies` are sound, one event each; their
    items can be put into one body by `batch`. `strange` is authentic and not understood.
    """

    vendor: str
    secrets: Mapping[str, str]
    sign: Sign
    sign_rotated: Sign
    sign_wrong: Sign
    bodies: tuple[bytes, ...]
    batch: bytes
    strange: bytes
    horizon: float

    def source(self, tmp_path: Path) -> Mapping[str, Source]:
        """The source `it` of this vendor, with both secrets, for the campaign `c`."""
        names = ", ".join(f'"env:{name}"' for name in self.secrets)
        file = tmp_path / "sources.toml"
        file.write_text(
            f'[sources.it]\nvendor = "{self.vendor}"\nsecrets = [{names}]\ncampaign = "c"\n'
        )
        return read_sources(settings(SOURCES=str(file), **self.secrets))


def sendgrid() -> Case:
    """SendGrid: ECDSA over the timestamp and the body."""
    first, second, wrong = Signer(), Signer(), Signer()

    def at(signer: Signer) -> Sign:
        return lambda body, moment: signer.headers(body, int(moment))

    events = [
        {
            "email": "prospect@example.fr",
            "timestamp": 1_772_445_600 + number,
            "event": word,
            "sg_event_id": f"event-{number}",
            "sg_message_id": "abc.filter0001.16648.0",
            "smtp-id": "<1@example.fr>",
            "category": ["camp-12"],
        }
        for number, word in enumerate(["processed", "delivered", "open", "click"])
    ]
    return Case(
        vendor="sendgrid",
        secrets={"SG_KEY_1": first.public, "SG_KEY_2": second.public},
        sign=at(first),
        sign_rotated=at(second),
        sign_wrong=at(wrong),
        bodies=tuple(json.dumps([event]).encode() for event in events),
        batch=json.dumps(events).encode(),
        strange=json.dumps([{**events[0], "event": "levitated"}]).encode(),
        horizon=48 * 3600.0,
    )


CASES = (sendgrid(),)


def now() -> float:
    """The moment at which the tests' vendors sign."""
    return time.time()
