"""Numbers only: images, a network, and full-batch gradient descent over the kernels."""
