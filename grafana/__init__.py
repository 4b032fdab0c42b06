"""Dashboards, provisioning and alert rules; development only, nothing in the product imports it."""
