"""Who must act by when."""
