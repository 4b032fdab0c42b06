"""Outages of our side under simulated vendors, on a real stack; and what would be called a loss."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streamer import cli
from streamer.commands.verdict import Verdict
from streamer.simulator.ledger import Row
from streamer.simulator.vendors import simulated
from tests.commands.test_demo import PORTS

SOUND = Row("brevo", told=10, counted=9, given_up=1, lost=0, needless=0, retries=5)
# Beyond this Twilio, whose retries are as quick in truth, gives up.
TWILIO_SECONDS = 13.0


def chaos(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streamer", "simulate", "--chaos", *arguments],
        env={**os.environ, **PORTS, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=220,
    )


def column(shown: str, number: int) -> dict[str, int]:
    rows = re.findall(r"^│ (\S+) +│(.*)│$", shown, re.MULTILINE)
    return {name: int(cells.split("│")[number].replace(",", "")) for name, cells in rows}


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "4"])
def test_what_vendors_retries_survive_loses_and_doubles_nothing(seed: str, tmp_path: Path) -> None:
    done = chaos(tmp_path, "--seed", seed, "--duration", "10", "--speed", "3600")
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    assert set(column(shown, 0)) == {"events", *simulated()}
    assert set(column(shown, 3).values()) == {0}
    lasted = [float(each) for each in re.findall(r"is back after ([\d.]+) s", shown)]
    assert len(lasted) == 2, shown
    # On a machine that is slow to start a part again, what is given up is beyond the contract.
    if max(lasted) < TWILIO_SECONDS:
        assert set(column(shown, 2).values()) == {0}, shown
    assert sum(column(shown, 4).values()) > 0
    assert list(tmp_path.glob("streamer-demo-*")) == []


@pytest.mark.kafka
@pytest.mark.slow
def test_what_lasts_longer_is_told_vendor_by_vendor_and_no_failure(tmp_path: Path) -> None:
    done = chaos(tmp_path, "--beyond", "--seed", "3", "--speed", "3600")
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    given_up = column(shown, 2)
    assert given_up["events"] == 0
    assert given_up["sendgrid"] > 0
    assert f"sendgrid: {given_up['sendgrid']:,} lost to an outage beyond its retries" in shown
    assert set(column(shown, 3).values()) == {0}


@pytest.mark.kafka
@pytest.mark.slow
def test_ctrl_c_ends_it_without_a_verdict_and_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "streamer", "simulate", "--chaos"],
        env={**os.environ, **PORTS, "TMPDIR": str(tmp_path), "STREAMER_KAFKA": "127.0.0.1:1"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "is away" in line:
            break
    process.send_signal(signal.SIGINT)
    shown = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "interrupted: no verdict" in shown
    assert "Traceback" not in shown
    assert list(tmp_path.glob("streamer-demo-*")) == []


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict([SOUND._replace(lost=1)], 0, []),
        Verdict([SOUND._replace(needless=1)], 0, []),
        Verdict([SOUND], 1, []),
        Verdict([SOUND], 0, ["a KPI differs"]),
    ],
)
def test_each_kind_of_loss_breaks_the_promise(verdict: Verdict) -> None:
    assert Verdict([SOUND], 0, []).holds()
    assert not verdict.holds()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--beyond"], "--beyond is a way of --chaos"),
        (["--chaos", "--gateway", "http://127.0.0.1:1"], "leave --gateway out"),
        (["--chaos", "--vendors", "x"], "leave --vendors out"),
    ],
)
def test_each_mistake_is_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["simulate", *arguments]) == 2
    assert said in capsys.readouterr().err
