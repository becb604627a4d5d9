"""Prints the figures. Run by hand: python -m benchmarks.diagnosis"""

from __future__ import annotations

from benchmarks.diagnosis.accuracy import measure_accuracy, measure_speed
from benchmarks.diagnosis.corpus import measure_corpus
from bot.catalogue import load

if __name__ == "__main__":
    known = load()
    measure_accuracy(known)
    measure_corpus(known)
    measure_speed(known)
