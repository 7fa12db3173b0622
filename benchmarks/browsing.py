"""
What a page costs in a real Chromium: until everything is drawn, in memory, while it is moved.

Each measurement starts a browser of its own, with the window of a small office screen and nothing
but files to read. "Drawn" is asked of the canvases themselves: after the page says it is ready,
two frames pass, and one pixel of every canvas is read back, so that no painting is still waiting.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

WINDOW = {"width": 1366, "height": 768}
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

_MARK = """(() => {
  const isReady = () => %s;
  const flush = () => {
    document.querySelectorAll('canvas').forEach((canvas) => {
      if (canvas.width) canvas.getContext('2d').getImageData(0, 0, 1, 1);
    });
    document.documentElement.dataset.drawn = performance.now();
  };
  const poll = () => {
    if (document.documentElement && isReady()) {
      requestAnimationFrame(() => requestAnimationFrame(flush));
    } else requestAnimationFrame(poll);
  };
  poll();
})()"""

OURS = _MARK % "document.documentElement.dataset.state === 'ready'"
THEIRS = _MARK % (
    "document.readyState === 'complete' && document.querySelector('.leaflet-pane canvas')"
)

_MAP = "const map = Object.values(window).find((value) => value instanceof L.Map);"

_FRAMES = """
  const frames = [];
  let last = performance.now();
  let isOver = false;
  const watch = (now) => {
    frames.push(now - last);
    last = now;
    if (!isOver) requestAnimationFrame(watch);
  };
  const told = () => {
    isOver = true;
    const kept = frames.slice(1);
    const sum = kept.reduce((a, b) => a + b, 0);
    return { fps: 1000 * kept.length / sum, worst: Math.max(...kept) };
  };
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
"""

PAN = f"""async () => {{
  {_MAP}
  {_FRAMES}
  const box = map.getContainer().getBoundingClientRect();
  const at = {{ x: box.left + box.width / 2, y: box.top + box.height / 2 }};
  const send = (type, target, x) => target.dispatchEvent(new MouseEvent(type, {{
    bubbles: true, cancelable: true, view: window, clientX: x, clientY: at.y, button: 0,
    buttons: type === 'mouseup' ? 0 : 1, which: 1 }}));
  map.setZoom(map.getZoom() + 2, {{ animate: false }});
  await wait(2500);
  last = performance.now();
  requestAnimationFrame(watch);
  const ended = new Promise((done) => map.once('moveend', done));
  send('mousedown', map.getPane('mapPane'), at.x);
  for (let step = 1; step <= 150; step += 1) {{
    const x = at.x + 8 * (step < 75 ? -step : step - 150);
    await new Promise((done) => requestAnimationFrame(done));
    send('mousemove', document, x);
  }}
  send('mouseup', document, at.x);
  await Promise.race([ended, wait(2000)]);
  await wait(400);
  const found = told();
  map.setZoom(map.getZoom() - 2, {{ animate: false }});
  await wait(2500);
  return found;
}}"""
"""Two levels closer, drags the map 600 pixels to the left and back, eight pixels a frame."""

ZOOM = f"""async () => {{
  {_MAP}
  {_FRAMES}
  requestAnimationFrame(watch);
  const first = map.getZoom();
  for (const zoom of [first + 1, first + 2, first + 3, first + 2, first + 1, first]) {{
    map.setZoom(zoom);
    await wait(800);
  }}
  return told();
}}"""
"""Zooms in three times and out again, with the animation and 0.5 s of rest after each."""

FILTER = """async () => {
  const times = [];
  const boxes = [...document.querySelectorAll('.legend-state > .legend-row input')];
  for (const box of [...boxes, ...boxes]) {
    const begun = performance.now();
    box.click();
    times.push(performance.now() - begun);
    await new Promise((done) => setTimeout(done, 600));
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}"""
"""Ticks every state off and on again; the median of the script's milliseconds."""

SIZES = """() => {
  const model = landuse.model;
  const scale = 256 * Math.pow(2, model.map.getZoom());
  const boxes = model.painter.boxes.levels[0];
  const sizes = [];
  for (let i = 0; i < boxes.length; i += 4) {
    sizes.push(scale * Math.max(boxes[i + 2] - boxes[i], boxes[i + 3] - boxes[i + 1]));
  }
  sizes.sort((a, b) => a - b);
  return [0.1, 0.5, 0.9].map((share) => sizes[Math.floor(share * (sizes.length - 1))]);
}"""
"""Tenth, median and nine tenths of the larger side of a parcel in the first view, in pixels."""


def opened(play: Any, page_file: Path, mark: str, acts: dict[str, str]) -> dict[str, Any]:
    """
    Open a page in a new browser and return what it cost.

    Parameters
    ----------
    play
        Playwright.
    page_file
        The page.
    mark
        `OURS` or `THEIRS`.
    acts
        Name -> function to run in the page once everything is drawn.

    Returns
    -------
    figures
        `drawn_ms`, `heap_mb` (objects and the memory behind arrays, after a collection), and the
        answer of each act.
    """
    browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    try:
        page = browser.new_context(viewport=WINDOW, bypass_csp=True).new_page()
        page.add_init_script(mark)
        page.goto(page_file.as_uri(), wait_until="commit")
        page.wait_for_selector("html[data-drawn]", timeout=300_000, state="attached")
        found = {"drawn_ms": float(page.get_attribute("html", "data-drawn"))}
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.enable")
        session.send("HeapProfiler.collectGarbage")
        usage = session.send("Runtime.getHeapUsage")
        parts = ("usedSize", "backingStorageSize", "embedderHeapUsedSize")
        found["heap_mb"] = sum(usage.get(part, 0) for part in parts) / 1e6
        for name, act in acts.items():
            page.wait_for_timeout(500)
            found[name] = page.evaluate(act)
        return found
    finally:
        browser.close()
