"""What the configured sources can tell, as the API judges by it which KPIs have no data."""

from collections.abc import Mapping

from streamer.exposition.sources import Feed
from streamer.ingest.advice import with_every_stage, with_every_tag
from streamer.ingest.sources import Source


def feeds(sources: Mapping[str, Source]) -> tuple[Feed, ...]:
    """One for each source."""
    return tuple(map(feed, sources.values()))


def feed(source: Source) -> Feed:
    """What a source can tell, could tell with more in its table, and of which campaigns."""
    campaigns = frozenset(source.campaigns.values())
    return Feed(
        name=source.name,
        title=source.vendor.title,
        campaigns=campaigns | ({source.campaign} if source.campaign else frozenset()),
        facts=source.tells(),
        by_tags=with_every_tag(source),
        by_stages=with_every_stage(source),
    )
