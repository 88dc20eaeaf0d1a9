"""The verbs: what happens, pure and single-threaded; `now` is an argument."""
