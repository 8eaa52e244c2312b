"""Fitted models in a file, without pickle: what was fitted, and nothing that could be run."""

from sklearn_landslide.persistence._model_file import load_model, read_model_facts, save_model

__all__ = ["load_model", "read_model_facts", "save_model"]
