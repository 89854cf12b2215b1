"""The rules for training with mini-batches: each looks at a whole run, its layers taken together."""
