"""Watch how far a classifier's weights move while it trains, and be told when that looks wrong."""

__version__ = "0.2.0"
