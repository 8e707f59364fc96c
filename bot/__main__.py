"""`python -m bot` is the `chimera` command."""

from bot.cli import main

main()
