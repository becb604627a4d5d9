"""From failure events and counts of attempts to a Report that survives a sceptic."""
