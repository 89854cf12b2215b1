"""The version of the program, as Dask workers compare it."""

__version__ = "0.2.0"
