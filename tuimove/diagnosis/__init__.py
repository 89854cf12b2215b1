"""What is measured on a weight matrix, and what the rules conclude from it."""
