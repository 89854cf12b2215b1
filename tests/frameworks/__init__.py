"""The recorder with real frameworks; skipped where they aren't installed."""
