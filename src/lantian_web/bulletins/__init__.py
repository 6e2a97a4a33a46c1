"""Papers made and asked for."""
