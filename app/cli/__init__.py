"""The same application without a window. Nothing here loads Qt."""
