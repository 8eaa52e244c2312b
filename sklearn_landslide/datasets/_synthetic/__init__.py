"""The synthetic region: ground, water, rain, stability, and the survey of its landslides."""
