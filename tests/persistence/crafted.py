"""Model files of any content, and what becomes of them."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import skops.io as skops
from sklearn.dummy import DummyClassifier

from sklearn_landslide.persistence import save_model
from sklearn_landslide.persistence._archive import write_parts
from sklearn_landslide.persistence._public_paths import with_public_paths


def write_file(model, path, schema=lambda text: text):
    """Write whatever a model has become, without a check."""
    with zipfile.ZipFile(io.BytesIO(skops.dumps(model))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["schema.json"] = schema(with_public_paths(parts["schema.json"]))
    save_model(DummyClassifier().fit([[0], [1]], [0, 1]), path)
    with zipfile.ZipFile(path) as archive:
        facts = archive.read("facts.json")
    content = write_parts(parts, compress=True)
    path.write_bytes(write_parts({"facts.json": facts, "model.skops": content}, compress=False))


def outcomes(paths):
    """What becomes of files, in a process of its own."""
    script = Path(__file__).with_name("_children.py")
    done = subprocess.run(
        [sys.executable, script, *map(str, paths)],
        capture_output=True,
        text=True,
        # Threads do not live on in a child.
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
