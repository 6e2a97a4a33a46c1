"""Bytes on disk: journal (raw, append-only), lake (Parquet + manifest), evidence, backup. Everything under one home."""
