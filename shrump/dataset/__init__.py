"""From raw files to the balanced, the integrated and the neutral dataset."""
