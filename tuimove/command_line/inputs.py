"""What the command line calls the inputs that a message can be about, or that would help."""

from tuimove.errors import Input

OPTIONS = {
    Input.DASK: "--dask",
    Input.DATA: "--data",
    Input.OUT: "--out",
    Input.QUANTITY: "--of",
}
"""Option of each input that a message can be about."""
REMEDIES = {
    Input.DATA: "--data DIR says where they are",
    Input.MOST_RUNS: "--max-runs N allows more",
    Input.ONLY: "--only PATTERN takes arrays of certain names alone, such as '*.weight'",
    Input.OUT: "--out DIR keeps it in another folder",
}
"""What to do, by the input that would help."""
