"""Slack in and out: Bolt listeners, messenger, blocks."""
