"""Records, the sinks that receive them, and run folders: written, kept and read back."""
