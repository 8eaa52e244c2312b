"""Fitted models in a file, without pickle: what was fitted, and nothing that could be run."""

# What is called Stored is named in the files by these paths, and for no other use.
from sklearn_landslide.persistence._boosted_trees import StoredCatBoost as StoredCatBoost
from sklearn_landslide.persistence._boosted_trees import StoredLightGBM as StoredLightGBM
from sklearn_landslide.persistence._boosted_trees import StoredXGBoost as StoredXGBoost
from sklearn_landslide.persistence._model_file import (
    check_can_be_saved,
    load_model,
    read_model_facts,
    save_model,
)
from sklearn_landslide.persistence._stand_ins import StoredIndex as StoredIndex
from sklearn_landslide.persistence._stand_ins import StoredNeighbors as StoredNeighbors
from sklearn_landslide.persistence._stand_ins import StoredNet as StoredNet
from sklearn_landslide.persistence._stand_ins import StoredSearchTree as StoredSearchTree
from sklearn_landslide.persistence._trees import StoredPredictor as StoredPredictor
from sklearn_landslide.persistence._trees import StoredTree as StoredTree

__all__ = ["check_can_be_saved", "load_model", "read_model_facts", "save_model"]
