"""Tests of the rehearsal city."""
