"""The front end without a screen: records on standard output, words on standard error."""
