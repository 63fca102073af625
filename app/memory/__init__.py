"""What models and the engine both go by when they say what fits: kinds of KV cache, slices, what is free, how fast."""
