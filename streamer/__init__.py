"""Live supervision of multichannel sales prospecting: every event counts exactly once."""
