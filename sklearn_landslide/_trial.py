"""A quick run: what is said of it everywhere, and how many folds it has."""

# Stands in all that a quick run writes.
TRIAL = "quick trial with smaller models and fewer folds, no result"
TRIAL_FOLDS = 3
