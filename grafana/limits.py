"""The limits that a KPI is judged by, each with its reason: dashboards colour by them.

Owns the numbers. The Prometheus rules repeat them, and a test compares. A KPI without a fact to
judge it by has no limit and no colour.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Limits(NamedTuple):
    """From where on a ratio is doubtful and bad; `falling` when it is bad to be low."""

    warning: float
    critical: float
    falling: bool = False


LIMITS: Final[Mapping[tuple[str, str], Limits]] = MappingProxyType(
    {
        # Amazon SES reviews an account at 5 % bounces and may pause it at 10 %.
        ("email", "hard_bounce"): Limits(0.05, 0.10),
        # Gmail and Yahoo ask for less than 0.1 % complaints and act from 0.3 %.
        ("email", "complaint"): Limits(0.001, 0.003),
        # A sender in good standing delivers nearly everything: below 95 % somebody refuses.
        ("email", "delivered_of_sent"): Limits(0.95, 0.90, falling=True),
        ("sms", "delivered_of_sent"): Limits(0.95, 0.90, falling=True),
    }
)

# With fewer sends in the window a ratio says nothing: at a healthy 1 % of bounces, more than 5 of
# 100 mails bounce once in 2,000 windows; of 20 mails, more than one does in every 60th.
MINIMUM_SENT: Final = 100

# Half a per cent of unsubscriptions and 1 % of STOP are usual in prospecting; operators look at
# senders with more than 5 %. No limit says from where on it is bad, so no tile is coloured by them.
OPT_OUTS: Final[Mapping[tuple[str, str], float]] = MappingProxyType(
    {("email", "unsubscribe"): 0.03, ("sms", "opt_out"): 0.05}
)
