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
from typing import Any

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

# A frame as wide as the screen we mean (a window cannot be as narrow as a telephone), looked at from outside.
FRAME = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<style>body { margin: 0 } iframe { border: 0; width: WIDTHpx; height: HEIGHTpx }</style>
<iframe id="page" src="PAGE"></iframe><pre id="found"></pre>
<script>
onload = () => {
  const frame = document.getElementById('page').contentWindow, page = frame.document
  const wide = frame.innerWidth, found = { overflow: [], cut: [], empty: [], names: [] }
  const name = e => e.tagName + ' ' + (e.textContent || '').trim().slice(0, 40)
  found.width = page.documentElement.scrollWidth
  found.inner = wide
  found.requests = frame.performance.getEntriesByType('resource').map(r => r.name)
  for (const e of page.body.querySelectorAll('*')) {
    if (e.closest('svg')) continue
    const box = e.getBoundingClientRect()
    if (box.right > wide + 1 || box.left < -1) found.overflow.push(name(e))
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) found.overflow.push('inside ' + name(e))
  }
  for (const svg of page.querySelectorAll('svg[data-name]')) {
    const outer = svg.getBoundingClientRect()
    found.names.push(svg.dataset.name)
    if (outer.width < 100 || outer.height < 100 || svg.querySelectorAll('path').length < 5)
      found.empty.push(svg.dataset.name)
    for (const text of svg.querySelectorAll('g[id*="-text_"]')) {
      const box = text.getBoundingClientRect()
      if (box.left < outer.left - 1 || box.right > outer.right + 1 ||
          box.top < outer.top - 1 || box.bottom > outer.bottom + 1)
        found.cut.push(svg.dataset.name + ' ' + text.id)
    }
  }
  document.getElementById('found').textContent = JSON.stringify(found)
}
</script>"""


def chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as profile:
        command = [*CHROMIUM, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def frame(page: Path, width: int, height: int) -> Path:
    """A document around the page, beside it."""
    text = FRAME.replace("WIDTH", str(width)).replace("HEIGHT", str(height))
    path = page.with_name(f".frame-{width}.html")
    path.write_text(text.replace("PAGE", page.name))
    return path


def look(page: Path, width: int) -> dict[str, Any]:
    """What is found at this width; with the lines of the browser's console."""
    outside = frame(page, width, 2000)
    try:
        for _ in range(2):  # on a starved machine it may end before it has drawn anything
            done = chromium("--dump-dom", outside.as_uri())
            text = re.search(r'<pre id="found">(.+?)</pre>', done.stdout, re.S)
            if text:
                break
    finally:
        outside.unlink()
    if not text:
        raise RuntimeError(f"no answer from chromium: {done.stderr[-500:]}")
    found = json.loads(html.unescape(text.group(1)))
    found["console"] = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return found


def screenshots(page: Path, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for width, height in ((1280, 9000), (390, 16000)):
        outside = frame(page, width, height)
        for name, scheme in (("light", 1), ("dark", 0)):
            shot = directory / f"{name}-{width}.png"
            window = f"--window-size={max(width, 500)},{height}"
            colours = f"--blink-settings=preferredColorScheme={scheme}"
            chromium(window, colours, f"--screenshot={shot}", outside.as_uri())
        outside.unlink()


if __name__ == "__main__":
    screenshots(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
