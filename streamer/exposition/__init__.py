"""What goes out: samples for Prometheus, snapshots for Redis, and the reads of the HTTP API."""
