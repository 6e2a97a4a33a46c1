"""`python -m lantian_cli`."""

from lantian_cli.main import main

main()
