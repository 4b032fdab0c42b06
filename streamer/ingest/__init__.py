"""The way in: requests are checked, packed per campaign, and acknowledged once Kafka has them."""
