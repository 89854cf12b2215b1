"""Commands, flags and exit codes; the front end without a screen; the bench."""
