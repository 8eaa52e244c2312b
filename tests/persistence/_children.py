"""Loads model files and predicts, in a process of its own, so that a crash is seen.

Run with the names of files; prints what became of each as JSON.
"""

import json
import os
import resource
import signal
import sys
import warnings

import numpy as np
import pandas as pd

from sklearn_landslide.persistence import load_model
from sklearn_landslide.persistence._trusted import trusted_types

SECONDS, MEMORY = 20, 3 * 2**30


def table_for(model):
    """Rows with the names that a model knows; whole numbers, so that some are known codes."""
    X = np.random.default_rng(1).uniform(0, 4, (50, getattr(model, "n_features_in_", 4))).round()
    if not hasattr(model, "feature_names_in_"):
        return X
    X = pd.DataFrame(X, columns=model.feature_names_in_)
    return X.astype({"soil": "int"}).astype({"soil": "category"}) if "soil" in X else X


def ask(model):
    """Whatever the model can be asked; whether it answers with numbers."""
    model = getattr(model, "model", model)
    X = table_for(model)
    for method in ("predict_proba", "decision_function", "predict", "transform", "decision_path"):
        if hasattr(model, method):
            given = getattr(model, method)(X)
            for part in given if isinstance(given, tuple) else (given,):
                values = part.toarray() if hasattr(part, "toarray") else np.asarray(part)
                if method == "predict_proba" and not np.isfinite(values).all():
                    return "not finite"
    return "predicted"


def outcome(path):
    """What becomes of a file, in a word and in the words of the error."""
    try:
        model = load_model(path)
    except (ValueError, OSError) as error:
        return ["refused" if "\n" not in str(error) else "many lines", str(error)]
    except BaseException as error:
        return ["failed", f"{type(error).__name__}: {error}"]
    try:
        return [ask(model), ""]
    except Exception as error:
        return ["no prediction", f"{type(error).__name__}: {error}"]


def tell_outcomes(paths, pipe):
    """Write the outcomes of files, a line each, with little memory, and little time for each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for path in paths:
        # Of work, however busy the machine is.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        print(json.dumps(outcome(path)), file=pipe, flush=True)


def in_children(paths):
    """Outcomes of files; where a child crashes, the next one goes on after the file that it had."""
    told = []
    while len(told) < len(paths):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            with os.fdopen(writer, "w") as pipe:
                tell_outcomes(paths[len(told) :], pipe)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            told += [json.loads(line) for line in pipe]
        _, status = os.waitpid(pid, 0)
        if status:
            told.append(["crashed", f"status {status}"])
    return told


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    # Imports what the children need, once.
    trusted_types()
    print(json.dumps(in_children(sys.argv[1:])))
