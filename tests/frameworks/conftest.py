"""Keras needs to be told its backend before it is imported; TensorFlow would be its own choice."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
