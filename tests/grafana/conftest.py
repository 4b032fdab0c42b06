"""A real Prometheus and Alertmanager for the tests of dashboards, rules and alerts."""

import pytest

from tests.tools import Tool, found, runner


@pytest.fixture
def promtool() -> Tool:
    """Run promtool and return what it printed; the test fails with it when promtool fails."""
    return runner("promtool", "the Debian package prometheus")


@pytest.fixture(scope="module")
def prometheus_binary() -> str:
    """The path of the Prometheus server."""
    return found("prometheus", "the Debian package prometheus")


@pytest.fixture(scope="module")
def alertmanager_binary() -> str:
    """The path of Alertmanager, which has another name elsewhere than in Debian."""
    return found("prometheus-alertmanager", "the Debian package prometheus-alertmanager")
