"""Incidents: open patterns and failures that people are told about, and how one lives, is told, and ends."""
