"""`python -m bot` is the command `failures`."""

from bot.cli import main

main()
