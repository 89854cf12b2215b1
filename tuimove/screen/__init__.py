"""The dashboard; the only folder that imports Textual, imported by nobody but the command line."""
