"""The leakage audit: one file for each kind of finding."""
