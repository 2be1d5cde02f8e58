// What somebody without eyes must know of a page's layout. Runs inside the page, changes nothing, returns plain data.
() => {
  const MOST = 15, SEEN = 3000;
  const root = document.documentElement, width = root.clientWidth, height = root.clientHeight;
  const words = (text) => (text || "").replace(/\s+/g, " ").trim().slice(0, 40);
  const called = (e) => {
    const tag = e.getAttribute("role") || e.tagName.toLowerCase();
    const said = words(e.getAttribute("aria-label") || e.innerText || e.value || e.placeholder || e.alt || e.id);
    return said ? `${tag} ${JSON.stringify(said)}` : tag;
  };
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const box = (e) => e.getBoundingClientRect();
  const at = (r) => `at ${Math.round(r.left)},${Math.round(r.top)} size ${Math.round(r.width)}x${Math.round(r.height)}`;
  // What lies in a part that scrolls by itself does not make the page wider.
  const scrolls = (e) => {
    for (let p = e.parentElement; p && p !== document.body && p !== root; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== "visible") return true;
    return false;
  };
  const all = [...document.body.querySelectorAll("*")].slice(0, SEEN);
  const found = { outside: [], overlaps: [], covered: [], empty: [], cut: [], small: [], broken: [] };
  const add = (kind, line) => found[kind].length < MOST && found[kind].push(line);

  const beyond = new Set();
  for (const e of all) {
    const r = box(e);
    if (!r.width || !r.height || !shown(e)) continue;
    if (beyond.has(e.parentElement)) { beyond.add(e); continue; }
    if ((r.right > width + 1 || r.right <= 0) && !scrolls(e)) {
      beyond.add(e);
      add("outside", `${called(e)} ${at(r)}`);
    }
    const style = getComputedStyle(e);
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (text && style.overflowX !== "visible" && style.overflowX !== "auto" && style.overflowX !== "scroll"
        && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1) add("cut", `${called(e)} ${at(r)}`);
    if (e.tagName === "IMG" && e.complete && !e.naturalWidth) add("broken", `${called(e)} ${at(r)}`);
  }
  const use = "a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button],[role=link],"
    + "[role=checkbox],[role=tab],[role=menuitem],[onclick],[contenteditable=true]";
  const controls = [...document.querySelectorAll(use)].slice(0, 300);
  const seen = [];
  for (const e of controls) {
    const r = box(e), style = getComputedStyle(e);
    if (!e.checkVisibility({ visibilityProperty: true })) continue;
    // A control that is only drawn by its label is no fault.
    if (style.opacity === "0" || style.clipPath !== "none" || style.clip !== "auto") continue;
    if (r.width < 2 || r.height < 2) {
      if (!(e.tagName === "A" && e.firstElementChild)) add("empty", `${called(e)} ${at(r)}`);
      continue;
    }
    if (r.width < 24 && r.height < 24) add("small", `${called(e)} ${at(r)}`);
    seen.push([e, r]);
    const x = r.left + r.width / 2, y = r.top + r.height / 2;
    if (x < 0 || y < 0 || x >= width || y >= height || style.pointerEvents === "none") continue;
    const top = document.elementFromPoint(x, y);
    const own = top && (e.contains(top) || top.contains(e) || [...(e.labels || [])].some((l) => l.contains(top)));
    if (top && !own) add("covered", `${called(e)} ${at(r)} is covered by ${called(top)}`);
  }
  for (let i = 0; i < seen.length; i++) {
    for (let k = i + 1; k < seen.length; k++) {
      const [a, p] = seen[i], [b, q] = seen[k];
      if (a.contains(b) || b.contains(a)) continue;
      const w = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      const h = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (w > 2 && h > 2 && w * h > 0.2 * Math.min(p.width * p.height, q.width * q.height))
        add("overlaps", `${called(a)} and ${called(b)}, by ${Math.round(w)}x${Math.round(h)}`);
    }
  }
  return {
    viewport: `${width}x${height}`, page: `${root.scrollWidth}x${root.scrollHeight}`,
    wider: Math.max(0, root.scrollWidth - width), scrolled: Math.round(scrollY), ...found,
  };
}
