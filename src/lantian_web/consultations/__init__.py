"""Consultations (研判会商): who sat together, what was known, what was advised, what came of it."""
