"""The line to the terminal: what is written to it and when, and what ends the program once it has gone."""
