import subprocess
import sys
from pathlib import Path

import pytest

from streamer.commands.strength import reached_from, refuse_weak, weaknesses
from streamer.errors import SettingsError
from streamer.settings import Settings

ROOT = Path(__file__).parents[2]
# As `openssl rand -hex 24` makes them.
STRONG = "5f0c1e77a9d24b30c6b1f2e8a7d94c3b5e6f708192a3b4c5"
OUTSIDE = {"STREAMER_GATEWAY": "0.0.0.0:8080"}


def refused(**env: str) -> str:
    try:
        refuse_weak(Settings.from_environment(env))
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "weak",
    [
        "changeme",
        "change-me-please-0123456789",
        "your-secret-here-abcdefghij",
        "example-secret-of-the-docs",
        "Default!Default!Default!",
        "0123456789abcd",
        "abababababababababababab",
    ],
)
@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("STREAMER_SECRET", "{}"),
        ("STREAMER_TOKENS", f"strong={STRONG},weak={{}}"),
        ("STREAMER_REDIS", "redis://:{}@valkey:6379/0"),
    ],
)
def test_a_secret_that_anybody_would_guess_is_refused_outside_of_localhost(
    variable: str, text: str, weak: str
) -> None:
    said = refused(**OUTSIDE, **{variable: text.format(weak)})
    assert said.startswith(variable)
    assert "STREAMER_GATEWAY=0.0.0.0:8080 is reached from outside" in said
    assert weak not in said


def test_on_localhost_anything_may_be_tried() -> None:
    assert not refused(STREAMER_SECRET="changeme", STREAMER_TOKENS="t")  # noqa: S106


@pytest.mark.parametrize("redis", ["redis://valkey:6379/0", f"redis://:{STRONG}@valkey:6379/0"])
def test_secrets_that_were_made_by_chance_are_taken(redis: str) -> None:
    tokens = f"a={STRONG},{STRONG[::-1]}"
    assert not refused(
        **OUTSIDE, STREAMER_SECRET=STRONG, STREAMER_TOKENS=tokens, STREAMER_REDIS=redis
    )


@pytest.mark.parametrize(
    ("variable", "text", "outside"),
    [
        ("STREAMER_GATEWAY", "127.0.0.1:8080", False),
        ("STREAMER_GATEWAY", "10.0.0.5:8080", True),
        ("STREAMER_METRICS", "0.0.0.0:9102", True),
        ("STREAMER_GATEWAY_METRICS", "[::]:9101", True),
        ("STREAMER_PUBLIC_URL", "https://hooks.example.fr", True),
        ("STREAMER_PUBLIC_URL", "http://localhost:8080", False),
    ],
)
def test_outside_is_any_address_that_others_reach(variable: str, text: str, outside: bool) -> None:  # noqa: FBT001 - a row of the table
    assert bool(reached_from(Settings.from_environment({variable: text}))) is outside


def test_what_the_example_names_empty_is_no_secret_at_all() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    env = dict(line.split("=", 1) for line in text.splitlines() if line.startswith("STREAMER_"))
    settings = Settings.from_environment(env)
    assert (settings.secret, dict(settings.tokens)) == (None, {})
    assert list(weaknesses(settings)) == []


@pytest.mark.parametrize("command", ["gateway", "worker"])
def test_gateway_and_worker_refuse_to_start(command: str) -> None:
    env = {
        "STREAMER_KAFKA": "127.0.0.1:1",
        "STREAMER_REDIS": "redis://127.0.0.1:1/0",
        "STREAMER_TOKENS": STRONG,
        "STREAMER_SECRET": "changeme",
        "STREAMER_METRICS": "0.0.0.0:0",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "streamer", command],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "STREAMER_SECRET is one of an example" in done.stderr
