"""The catalogue of signatures, as data, and its loader."""
