"""Models: which ones are on this laptop, and which ones can be had."""
