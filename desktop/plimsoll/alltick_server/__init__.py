"""A whole AllTick in a box, for the demo, the drills and the tests."""
