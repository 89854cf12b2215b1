"""The presets that come with tuimove: one TOML file each."""
