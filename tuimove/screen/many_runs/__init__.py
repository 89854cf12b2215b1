"""The screen of many runs: a list and a chart of those that are chosen."""
