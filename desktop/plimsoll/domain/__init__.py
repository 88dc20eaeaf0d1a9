"""The nouns: what the program speaks of, frozen and pure."""
