"""The format of model files: what their headers say, read without trusting them, wherever they lie."""
