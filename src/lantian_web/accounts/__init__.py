"""People, units, posts, users and the one place for row rights."""
