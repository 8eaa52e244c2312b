"""Every import that the package makes can be made, also those inside functions."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sklearn_landslide"
# Their models are offered where they are installed; the tests do not need them.
MAY_BE_MISSING = {"catboost", "xgboost", "lightgbm"}
CALLS = ("import_optional", "import_module")


def imports(path):
    """Module and name, or None, of each import of a file that is written out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in CALLS
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value, None


FILES = sorted(PACKAGE.rglob("*.py"))


# shap changes color maps in a way that matplotlib 3.11 calls outdated.
@pytest.mark.filterwarnings("ignore:The set_.* function:PendingDeprecationWarning")
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_import_of_a_file_can_be_made(path):
    for module, name in imports(path):
        if module in MAY_BE_MISSING and find_spec(module) is None:
            continue
        found = import_module(module)
        if name is not None and not hasattr(found, name):
            import_module(f"{module}.{name}")


def test_imports_inside_functions_and_by_name_are_seen():
    seen = {module for path in FILES for module, _ in imports(path)}
    assert {"rioxarray", "openpyxl", "skops.io", "jinja2", "torch", "matplotlib.pyplot"} <= seen
