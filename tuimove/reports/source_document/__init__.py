"""What the source document prints, and how far our own runs agree with it."""
