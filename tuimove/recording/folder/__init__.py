"""The folder of a run: its records, its lock, its checkpoints and its weights."""
