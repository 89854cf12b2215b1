"""Compiled loops: one epoch of training and every reduction over a matrix.

Knows nothing of presets, records or screens. Importing a kernel module compiles it, or loads it from the
user's cache, so nothing imports these modules before a run starts.
"""
