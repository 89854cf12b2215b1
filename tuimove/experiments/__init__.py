"""Many runs of one preset: on this machine's processors or on a Dask cluster."""
