"""What a second person concluded."""
