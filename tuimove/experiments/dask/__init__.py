"""An experiment trained by the workers of a Dask cluster; the only place that imports distributed."""
