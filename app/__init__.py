"""Paddock: private chat with language models on your own laptop."""
