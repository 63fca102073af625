"""Runs a model. The only room that knows llama.cpp, and it keeps it in a process of its own."""
