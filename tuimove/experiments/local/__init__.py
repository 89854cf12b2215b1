"""An experiment trained by processes of this machine."""
