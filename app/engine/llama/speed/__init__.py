"""Evaluating faster: guesses that are verified, and the number of threads."""
