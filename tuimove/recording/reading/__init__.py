"""Records read back: from files, folders, pipes and other programs' logs."""
