"""Fit and predict of LandslideNet against RF(500) and CatBoost, in one run.

    python benchmarks/speed.py [--rows 1000 10041 40000] [--factors 16 64] [--threads 1 2]
    python benchmarks/speed.py --data DIR --tables yongxin_slope_units

Prints seconds to fit, rows a second in predict_proba, the ratio to RF(500) in the same run, and
the peak memory that the prediction added. Each measurement is a process of its own, so that the
threads are what was asked for and the memory is that model's alone. Ratios are what to quote:
absolute times drift with the machine.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

MODELS = ["RF", "LandslideNet", "HistGB", "CatBoost"]


def build(name, threads):
    """Build a model that uses the given number of threads."""
    if name == "RF":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(500, n_jobs=threads, random_state=0)
    if name == "HistGB":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(max_iter=200, random_state=0)
    if name == "CatBoost":
        from catboost import CatBoostClassifier

        return CatBoostClassifier(
            iterations=500, thread_count=threads, verbose=0, allow_writing_files=False
        )
    from sklearn_landslide import LandslideNet

    return LandslideNet(random_state=0)


def synthetic_rows(n_rows, n_factors):
    """Draw normal factors, of which three matter."""
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, n_factors))
    return X, (X[:, 0] + X[:, 1] * X[:, 2] + rng.logistic(size=n_rows) > 1).astype(int)


def table_rows(data, name):
    """Read the rows of a table, codes as numbers: every model takes them so."""
    from _tables import load_tables

    (table,) = load_tables(data, [name])
    return table.X.astype(float).to_numpy(), table.y


def resident(field):
    """Read the memory of this process, now (VmRSS) or at its peak (VmHWM), in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def measure(name, source, n_predict, threads):
    """Measure one model in this process."""
    import time

    import numpy as np

    X, y = table_rows(*source) if isinstance(source[0], str) else synthetic_rows(*source)
    rows = np.random.default_rng(1).integers(len(X), size=n_predict)
    many = X.astype(np.float32)[rows]
    model = build(name, threads)
    started = time.perf_counter()
    model.fit(X, y)
    fit = time.perf_counter() - started
    model.predict_proba(many[:2048])
    # Linux: forget the peak so far, which making the rows has set.
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    started = time.perf_counter()
    model.predict_proba(many)
    predict = time.perf_counter() - started
    added = resident("VmHWM") - before
    return {"fit_s": fit, "rows_per_s": n_predict / predict, "added_MB": added / 1024}


def measure_apart(name, source, n_predict, threads):
    """Measure one model in a process with the given number of threads."""
    env = os.environ | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    spec = json.dumps([name, source, n_predict, threads])
    command = [sys.executable, __file__, "--measure", spec]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", nargs="+", type=int, default=[1000, 10_041, 40_000])
    parser.add_argument("--factors", nargs="+", type=int, default=[16])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--predict", type=int, default=200_000, help="rows to predict")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "speed.md")
    parser.add_argument("--data", help="folder of the tables to measure on, not synthetic rows")
    parser.add_argument("--tables", nargs="+", default=["yongxin_slope_units"])
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(*json.loads(args.measure))))
        return
    from _results import header

    sources = [(n_rows, n_factors) for n_rows in args.rows for n_factors in args.factors]
    if args.data:
        sources = [(args.data, name) for name in args.tables]
    lines = []
    for source in sources:
        table = source[1] if args.data else f"{source[0]} x {source[1]} synthetic"
        for threads in args.threads:
            runs = {m: measure_apart(m, source, args.predict, threads) for m in args.models}
            forest = runs.get("RF", runs[args.models[0]])
            for name, run in runs.items():
                ratios = {
                    "fit / RF": run["fit_s"] / forest["fit_s"],
                    "rate / RF": run["rows_per_s"] / forest["rows_per_s"],
                }
                lines.append({"table": table, "threads": threads, "model": name} | run | ratios)
            print(pd.DataFrame(lines[-len(runs) :]).round(3).to_string(index=False), flush=True)
    text = f"{header()}\n\n{pd.DataFrame(lines).round(3).to_string(index=False)}\n"
    args.out.write_text(text)


if __name__ == "__main__":
    main()
