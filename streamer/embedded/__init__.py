"""A real Kafka broker and a real Redis-compatible server on this machine, as child processes.

Owns finding, fetching, starting, watching and ending them. Never talks their protocols beyond
asking whether they are ready, and never speaks to anything but this machine and the jars' source.
"""
