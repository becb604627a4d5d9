"""Findings become incidents, and people are told of them: alerts, digests, pages, outages."""
