"""A probability for every cell and hour of an event: factors of a stack, rain of a cube."""
