"""Use cases: plain functions over ports. The order of effects lives here."""
