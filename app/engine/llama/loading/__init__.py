"""A model file on its way into memory: what it holds, what it needs, how it is loaded so that it fits."""
