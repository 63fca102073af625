"""The contract of an engine, by llama.cpp: only its low-level functions, never the binding's own `Llama`."""
