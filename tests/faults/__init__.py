"""Every fault that a run may meet, tried on real runs as often as one likes: `python -m tests.faults`."""
