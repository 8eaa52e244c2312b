"""Zones of susceptibility: their edges, table, colors and polygons."""
