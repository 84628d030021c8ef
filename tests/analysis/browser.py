# SPDX-License-Identifier: GPL-2.0
"""
Opens a report in headless Chromium, from a file, and says what a reader would stumble over.

As a program: browser.py PAGE DIRECTORY leaves screenshots there, to be looked at.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Sequence

CHROMIUM = [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--virtual-time-budget=3000",
]
BLOCKED = "Blocked script execution"  # what the browser logs of a page whose scripts we switched off
HERE = Path(__file__).parent


def chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as profile:
        command = [*CHROMIUM, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def frames(page: Path, widths: Sequence[int], height: int, scripts: bool) -> str:
    """
    A document with the page in frames as wide as the screens we mean (a window cannot be as narrow as a
    telephone), looked at from outside.
    """
    allowed = "allow-same-origin allow-scripts" if scripts else "allow-same-origin"
    sandbox = "" if scripts else f' sandbox="{allowed}"'
    each = "".join(
        f'<iframe{sandbox} src="{page.name}" style="width:{w}px;height:{height}px"></iframe>' for w in widths
    )
    return (
        '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
        "<style>body { margin: 0; white-space: nowrap } iframe { border: 0 }</style>"
        f'{each}<pre id="found"></pre>'
    )


def look(
    page: Path, widths: Sequence[int], dark: bool = False, scripts: bool = True
) -> dict[int, dict[str, Any]]:
    """What is found at each width, and what its controls do; with the lines of the browser's console."""
    text = frames(page, widths, 2000, scripts) + f"<script>{(HERE / 'look.js').read_text()}</script>"
    outside = page.with_name(".frames.html")
    outside.write_text(text.replace("SCRIPTS", "true" if scripts else "false"))
    try:
        for _ in range(2):  # on a starved machine it may end before it has drawn anything
            done = chromium(scheme(dark), "--dump-dom", outside.as_uri())
            answer = re.search(r'<pre id="found">(.+?)</pre>', done.stdout, re.S)
            if answer:
                break
    finally:
        outside.unlink()
    if not answer:
        raise RuntimeError(f"no answer from chromium: {done.stderr[-500:]}")
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    found = json.loads(html.unescape(answer.group(1)))
    for one in found:
        one["console"] = [line for line in console if scripts or BLOCKED not in line]
    return dict(zip(widths, found))


def scheme(dark: bool) -> str:
    return f"--blink-settings=preferredColorScheme={0 if dark else 1}"


def printed(page: Path) -> bytes:
    """As a PDF."""
    with tempfile.TemporaryDirectory() as directory:
        pdf = Path(directory) / "page.pdf"
        chromium(f"--print-to-pdf={pdf}", page.as_uri())
        return pdf.read_bytes()


def screenshots(page: Path, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for width, height in ((1920, 9000), (1280, 12000), (390, 16000)):
        outside = page.with_name(".frames.html")
        outside.write_text(frames(page, [width], height, scripts=True))
        for name, dark in (("light", False), ("dark", True)):
            shot = directory / f"{name}-{width}.png"
            window = f"--window-size={max(width, 500)},{height}"
            chromium(window, scheme(dark), f"--screenshot={shot}", outside.as_uri())
        outside.unlink()


if __name__ == "__main__":
    screenshots(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
