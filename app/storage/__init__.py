"""Conversations on disk. The only room that knows SQLite."""
