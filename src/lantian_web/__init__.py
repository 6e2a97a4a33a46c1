"""The console: thin Django apps named by nouns, the worker, and all wording."""
