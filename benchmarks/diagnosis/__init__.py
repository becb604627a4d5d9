"""How often diagnosis is right, and how long it takes: `python -m benchmarks.diagnosis`. The corpus of real failures is
made by `python -m benchmarks.diagnosis.make`."""
