"""A page as PDF: by Chromium where it is installed, and a reason where it is not."""

import shutil

import pytest

from sklearn_landslide.report import _print, print_page


def test_without_chromium_there_is_a_reason(monkeypatch, tmp_path):
    monkeypatch.setattr(_print.shutil, "which", lambda name: None)
    assert print_page(tmp_path / "page.html") == (
        None,
        "no Chromium is installed to print the page; any browser prints it, too",
    )


@pytest.mark.parametrize("command", ["false", "sleep"])
def test_a_browser_that_fails_or_hangs_is_one_line(monkeypatch, tmp_path, command):
    path = shutil.which(command)
    if path is None:
        pytest.skip(f"there is no {command} on this system")
    monkeypatch.setattr(_print.shutil, "which", lambda name: path)
    pdf, why = print_page(tmp_path / "page.html", timeout=5)
    assert pdf is None and why.startswith("Chromium did not print the page (") and "\n" not in why


def test_chromium_prints_a_page(tmp_path):
    if not any(map(shutil.which, _print._NAMES)):
        pytest.skip("no Chromium is installed")
    (tmp_path / "page.html").write_text("<!DOCTYPE html><title>a</title><p>text")
    pdf, why = print_page(tmp_path / "page.html")
    assert pdf.startswith(b"%PDF") and why == ""
