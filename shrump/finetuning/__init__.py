"""Teaching a language model the authors' voices: tags, packed blocks, and one training for every model."""
