"""The rehearsal played through the real loop: the world feeds the journal, scripted people use the same commands."""
