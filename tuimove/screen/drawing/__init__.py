"""Charts, pictures and text out of characters; knows nothing of runs."""
