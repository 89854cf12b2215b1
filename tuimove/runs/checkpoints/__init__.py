"""Checkpoints of other people's training: found and put in order, recorded as a run, and compared by twos."""
