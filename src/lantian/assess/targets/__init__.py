"""Targets: the ledger of what is asked, the room left to a day, its outlook, the cascade down to days, counties and plants."""
