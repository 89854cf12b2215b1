"""The front end in a terminal; the only room that imports Textual."""
