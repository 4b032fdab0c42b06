"""What vendors' own keys of the sources file may hold: each function reads one value.

A value is as TOML has it, None when the key is absent. ValueError says what to do.
"""

from streamer.events import CHANNELS


def channel(value: object) -> str | None:
    """The channel that meetings are counted for, when the vendor itself can't know it."""
    if value is None or value in CHANNELS:
        return None if value is None else str(value)
    raise ValueError(f"must be one of: {', '.join(CHANNELS)}")
