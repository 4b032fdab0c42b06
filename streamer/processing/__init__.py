"""The Faust worker: from records of `touchpoints` to state, checkpoints and exports."""

from streamer.processing.export import Exporter, Metrics
from streamer.processing.run import Quarantined, run_worker

__all__ = ["Exporter", "Metrics", "Quarantined", "run_worker"]
