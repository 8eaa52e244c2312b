"""What a model says of every cell of a stack: probability, spread, applicability."""
