"""Model files: which ones are on this laptop, and what their headers say."""
