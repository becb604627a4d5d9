"""Texts of clusters and people: cleaned, masked, read. What comes in is never trusted."""
