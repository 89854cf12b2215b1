"""The recorder with real frameworks; skipped where they aren't installed."""

LEAST_TESTS = 151
"""Tests that pass here where all of requirements.txt is installed: `.ci/run` fails if fewer do. One of them stands for
those of Keras once more, with PyTorch as its backend. Raise it with every test that is added.
"""
