"""The pages, each with one owner: what a reader sees, from top to bottom."""

from typing import Final

from grafana.boards.alerts import ALERTS
from grafana.boards.campaign import CAMPAIGN
from grafana.boards.channels import CHANNEL_BOARDS
from grafana.boards.pipeline import PIPELINE
from grafana.boards.reps import REPS

BOARDS: Final = (CAMPAIGN, *CHANNEL_BOARDS, REPS, PIPELINE, ALERTS)
