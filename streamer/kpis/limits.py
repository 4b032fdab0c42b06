"""The limits that a KPI is judged by, each with its source: dashboards and the wall colour by them.

Owns the numbers. The Prometheus rules repeat them, and a test compares. A KPI without a fact to
judge it by has no limit and no colour.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from streamer.kpis.model import Label


class Limits(NamedTuple):
    """From where on a ratio is doubtful and bad; `falling` when it is bad to be low.

    `least` is how many cases it takes to be beyond a limit, however few the sends are; `source`
    says why, `url` where that can be read.
    """

    warning: float
    critical: float
    falling: bool = False
    source: Label | None = None
    url: str | None = None
    least: int = 0


_DELIVERED: Final = Label(
    fr="Un expéditeur en règle est remis presque partout : sous 95 %, quelqu'un refuse.",
    en="A sender in good standing is delivered nearly everywhere: below 95% somebody refuses.",
)

LIMITS: Final[Mapping[tuple[str, str], Limits]] = MappingProxyType(
    {
        ("email", "hard_bounce"): Limits(
            0.05,
            0.10,
            source=Label(
                fr="Amazon SES met un compte sous examen à 5 % de rebonds et peut le suspendre "
                "à 10 %.",
                en="Amazon SES reviews an account at 5% bounces and may pause it at 10%.",
            ),
            url="https://docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html",
        ),
        ("email", "complaint"): Limits(
            0.001,
            0.003,
            source=Label(
                fr="Gmail et Yahoo demandent moins de 0,1 % de plaintes et agissent dès 0,3 %.",
                en="Gmail and Yahoo ask for less than 0.1% complaints and act from 0.3%.",
            ),
            url="https://support.google.com/a/answer/81126",
            # One complaint of 100 mails is 1 % already; a healthy sender (0.05 %) has three in one
            # of 70 windows of 1,000 mails.
            least=3,
        ),
        ("email", "delivered_of_sent"): Limits(0.95, 0.90, falling=True, source=_DELIVERED),
        ("sms", "delivered_of_sent"): Limits(0.95, 0.90, falling=True, source=_DELIVERED),
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
