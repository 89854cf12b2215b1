"""Receivers of a run's records and weights."""
