"""From raw signals to valid observations: what is taken, what is refused with a reason, what is marked."""
