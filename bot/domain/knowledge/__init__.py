"""Which fix to try first, from the record of its outcomes."""
