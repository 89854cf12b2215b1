"""The rules: each looks at the past of one matrix and returns a verdict, or None."""
