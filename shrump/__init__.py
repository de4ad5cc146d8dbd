"""Teach language models an author's voice, and prove it."""

__version__ = "0.1.0"
