"""What waits for Redis is all of a campaign's hours at first, and then what moved."""

from streamer.exposition.hours import CampaignHours, Portion
from streamer.kpis.catalogue import MILESTONES
from streamer.state import Epoch, Hour

EVERY = sum(len(names) for names in MILESTONES.values())


def hour(number: int, count: int, milestone: str = "sent") -> Hour:
    return Hour("c", "email", milestone, number, (count,) + (0,) * 59)


def taken(own: CampaignHours) -> list[tuple[bool, dict[str, dict[int, str]]]]:
    """What is taken: the hours by milestone, of those that have any."""

    def read(portion: Portion) -> dict[str, dict[int, str]]:
        pairs = zip(portion.names, portion.cells, strict=True)
        return {milestone: dict(cells) for (_, milestone), cells in pairs if cells}

    return [(portion.whole, read(portion)) for portion in own.take()]


def campaign() -> CampaignHours:
    return CampaignHours("c", 0, Epoch(1, 1))


def test_the_first_take_names_every_milestone_to_replace_what_was_there() -> None:
    own = campaign()
    own.put(hour(5, 2))
    (portion,) = own.take()
    assert portion.whole
    assert len(portion.names) == EVERY


def test_then_only_what_moved_is_taken_zeros_included() -> None:
    own = campaign()
    own.put(hour(5, 2))
    own.put(hour(6, 3))
    assert taken(own) == [(True, {"sent": {5: "0:2", 6: "0:3"}})]
    own.put(hour(6, 0))
    own.put(hour(7, 1, "opened"))
    assert taken(own) == [(False, {"sent": {6: ""}, "opened": {7: "0:1"}})]
    assert taken(own) == []


def test_what_was_lost_is_taken_again_without_what_is_gone() -> None:
    own = campaign()
    own.put(hour(5, 2))
    own.put(hour(6, 3))
    assert taken(own)
    own.put(hour(6, 0))
    assert taken(own)
    own.lost()
    own.put(hour(8, 4))
    assert taken(own) == [(True, {"sent": {5: "0:2", 8: "0:4"}})]


def test_many_hours_go_in_portions() -> None:
    own = campaign()
    for number in range(5000):
        own.put(hour(number, 1))
        own.put(hour(number, 1, "opened"))
    sizes = [sum(len(cells) for cells in portion.cells) for portion in own.take()]
    assert sizes == [5000, 5000, 0]
