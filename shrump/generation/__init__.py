"""Writing with a language model: plain sampling, and the dial between two voices."""
