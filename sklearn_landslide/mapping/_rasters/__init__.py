"""Rasters and inventories on their way to a stack of factors and to training tables."""
