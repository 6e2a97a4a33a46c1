"""The console pages; no models."""
