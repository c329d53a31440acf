"""How a page looks, measured: axe in both themes, sideways scroll, size of targets and of letters, pictures for people."""

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE_SIZE = {"width": 360, "height": 740}
THEMES = ("light", "dark")
axe = Axe()

SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const inside = (node) => { for (let up = node.parentElement; up; up = up.parentElement) {
    const flow = getComputedStyle(up).overflowX; if (flow === 'auto' || flow === 'scroll' || flow === 'hidden') return true; } return false; };
  return Array.from(document.body.querySelectorAll('*')).filter(node => node.getBoundingClientRect().right > wide + 0.5 && !inside(node))
    .slice(0, 5).map(node => node.tagName.toLowerCase() + '.' + node.className + ' reaches ' + Math.round(node.getBoundingClientRect().right));
}"""

SMALL = """() => {
  const found = [];
  const name = (node) => node.tagName.toLowerCase() + ' "' + (node.innerText || node.name || node.type || '').trim().slice(0, 40) + '"';
  const seen = (node) => { const box = node.getBoundingClientRect(); return box.width > 1 && box.height > 1 && box.right > 0
    && getComputedStyle(node).visibility !== 'hidden'; };
  document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea').forEach(node => {
    if (!seen(node)) return;
    const label = node.labels && node.labels.length && /checkbox|radio/.test(node.type) ? node.labels[0] : node;
    const box = label.getBoundingClientRect();
    const inText = node.tagName === 'A' && getComputedStyle(node).display === 'inline';
    if (inText) return;
    const least = node.tagName === 'A' && !node.classList.contains('tombol') ? 24 : 44;
    if (Math.min(box.width, box.height) < least - 0.5) found.push(name(node) + ' is ' + Math.round(box.width) + ' x ' + Math.round(box.height));
  });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest('sup, sub, svg, math, script, style, .sr, .sertifikat') || !seen(parent)) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < 16) found.push('"' + text.data.trim().slice(0, 40) + '" is ' + size + ' px');
  }
  return found.slice(0, 12);
}"""


def look_closely(page: Page, name: str) -> list[str]:
    """Everything wrong with how the page in view looks at phone size, in both themes. Takes pictures when PELITA_SHOTS is set."""
    found: list[str] = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found += [f"{theme}: {problem}" for problem in _axe(page)]
        shoot(page, f"{name}-360-{theme}")
    found += page.evaluate(SMALL)
    for width in (320, 360):
        page.set_viewport_size(PHONE_SIZE | {"width": width})
        found += [f"{width} px: {problem}" for problem in page.evaluate(SIDEWAYS)]
    return found


def _axe(page: Page) -> list[str]:
    answer: dict[str, Any] = axe.run(page).response
    return [
        f"{violation['id']}: {node['html'][:160]} {re.sub(chr(10) + ' *', ' ', node['failureSummary'])[:200]}"
        for violation in answer["violations"]
        for node in violation["nodes"][:3]
    ]


def shoot(page: Page, name: str) -> None:
    """A picture of the whole page, when somebody asked for them."""
    folder = os.environ.get("PELITA_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)
