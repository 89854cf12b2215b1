"""Pausing, stepping and stopping a run, from the same process or from another."""
