"""What is asked for: presets, their checks, limits and sweeps, and what a user's files and environment say."""
