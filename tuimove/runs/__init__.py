"""One run from start to end: loading, training, resuming, and leaving it to the background."""
