"""The messages of the open conversation: Markdown -> blocks -> widgets near the viewport."""
