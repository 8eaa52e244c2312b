"""Rain as it comes: cubes of time, y and x, series at places, and landslides in space and time."""
