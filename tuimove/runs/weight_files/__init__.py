"""Files of weights that other programs save: what they hold is told first, then read one array at a time."""
