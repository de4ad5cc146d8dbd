"""Language models and classifiers as folders: building small ones, loading any, keeping them whole."""
