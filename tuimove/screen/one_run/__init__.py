"""The dashboard of one run, live or recorded, and its panels."""
