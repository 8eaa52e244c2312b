"""A page as PDF, printed by a Chromium that is installed; without one there is no PDF."""

import shutil
import subprocess
import tempfile
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-pdf-header-footer",
)


def print_page(page, *, timeout=120):
    """Print an HTML page to PDF.

    Parameters
    ----------
    page : path-like
        The page, which needs no other file.
    timeout : float, default=120
        Seconds that Chromium may take.

    Returns
    -------
    pdf : bytes or None
        The PDF; None if there is none.
    why : str
        Why there is none; empty otherwise.
    """
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    if browser is None:
        return None, "no Chromium is installed to print the page; any browser prints it, too"
    # A profile of its own: one that is in use would open a window there.
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "page.pdf")
        command = [browser, *_OPTIONS, f"--user-data-dir={home}", f"--print-to-pdf={path}"]
        try:
            subprocess.run(
                [*command, Path(page).absolute().as_uri()],
                capture_output=True,
                timeout=timeout,
                check=True,
            )
            return path.read_bytes(), ""
        except (OSError, subprocess.SubprocessError) as error:
            reason = " ".join(str(error).split())[:200]
            return None, f"Chromium did not print the page ({reason})"
