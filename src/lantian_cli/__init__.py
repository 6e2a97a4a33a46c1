"""The `lantian` command: thin, and slow to import nothing until a command asks for it."""
