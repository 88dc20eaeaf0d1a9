"""The mathematics: arrays in, numbers out; has never heard of a Position."""
