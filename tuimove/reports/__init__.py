"""Recorded runs as tables, pictures, pages and data files."""
