"""Prints the catalogue as the page of the documentation."""

from __future__ import annotations

import sys

from bot.catalogue import load
from bot.catalogue.table import page

if __name__ == "__main__":
    sys.stdout.write(page(load()))
