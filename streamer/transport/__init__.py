"""Kafka as this project uses it: its topics, how to reach it, and what was set aside."""
