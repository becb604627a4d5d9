"""The rules of the product: pure values and functions. No I/O, no clock, no environment."""
