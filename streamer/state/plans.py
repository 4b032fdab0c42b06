"""The plans of all campaigns, as far as they tell when each one runs. Pure."""

from collections.abc import Sequence

from streamer.identity.decisions import Term
from streamer.state.money import Plan, end_of, start_of


class Plans:
    """The plan in force of each campaign that has one, in the order of their coming."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.plans: list[Plan] = []
        self.terms: dict[str, Term] = {}

    def join(self, campaign: str, plan: Plan) -> int | None:
        """Join a plan, the greatest of a campaign stands; its row if it does, else None."""
        row = self.rows.setdefault(campaign, len(self.plans))
        if row == len(self.plans):
            self.plans.append(plan)
        elif plan <= self.plans[row]:
            return None
        self.plans[row] = plan
        self.terms[campaign] = Term(start_of(plan.content), end_of(plan.content))
        return row

    def of_rows(self, rows: Sequence[int]) -> list[tuple[str, Plan]]:
        """Campaigns and their plans, as they are to be stored."""
        names = list(self.rows)
        return [(names[row], self.plans[row]) for row in rows]
