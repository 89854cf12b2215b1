"""Training loops of other people: their weights as arrays, when to look at them, and the recorder."""
