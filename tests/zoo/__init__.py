"""Healthy and faulty runs, recorded and judged, that measure how far the diagnosis can be trusted."""
