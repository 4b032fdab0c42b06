"""A simulated campaign over all five channels, told as real vendors would tell it.

Never writes to Kafka or Redis: like any sender, it knows the gateway only.
"""
