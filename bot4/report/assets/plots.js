// Bot4's own plots as SVG: lines, areas, bars and points over time, numbers or names. Small, in the page's colours, sharp on paper.
// What a plot holds is written in bot4/report/plots/spec.py.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const node = (name, attributes = {}, ...inner) => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inner);
    return made;
  };
  const tidy = (text) => text.replace("-", "−");
  const SIZES = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]];
  function short(value) {
    const size = Math.abs(value);
    for (const [unit, name] of SIZES) if (size >= unit) return tidy(`${Number((value / unit).toPrecision(4))}${name}`);
    return tidy(String(Number(value.toPrecision(4))));
  }
  const grouped = (value, digits) => tidy(value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const FORMATS = {
    percent: { tick: (v) => tidy(`${Number((v * 100).toPrecision(6))} %`), full: (v) => `${grouped(v * 100, Math.abs(v) < 0.1 ? 2 : 1)} %` },
    ratio: { tick: (v) => tidy(String(Number(v.toPrecision(6)))), full: (v) => grouped(v, 2) },
    amount: { tick: short, full: (v) => grouped(v, Math.abs(v) >= 1000 ? 0 : Math.abs(v) >= 1 ? 2 : 4) },
    count: { tick: short, full: (v) => grouped(v, 0) },
    times: { tick: (v) => `${short(v)} ×`, full: (v) => `${grouped(v, 2)} ×` },
  };
  const pad = (n) => String(n).padStart(2, "0");
  function minute(ms) {
    const d = new Date(ms);
    const day = `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
    return ms % 86400000 ? `${day} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}` : day;
  }

  // --- ticks ----------------------------------------------------------------------------------------------------------------
  function numberTicks(low, high, most) {
    const raw = (high - low) / Math.max(most, 1), unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map((m) => m * unit).find((s) => s >= raw * 0.999);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(Number((k * step).toPrecision(12)));
    return found;
  }
  function logTicks(low, high, most) {
    for (const parts of [[1, 2, 5], [1, 3], [1]]) {
      const found = [];
      for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
        for (const m of parts) { const v = Number((m * 10 ** e).toPrecision(3)); if (v >= low && v <= high) found.push(v); }
      if (found.length <= most + 2 || parts.length === 1) return found.length >= 2 ? found : numberTicks(low, high, most);
    }
    return [];
  }
  const DAY = 86400000, HOUR = 3600000, MINUTE = 60000;
  const FIXED = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY];
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  function timeTicks(low, high, most) {
    const raw = (high - low) / Math.max(most, 1), found = [];
    const fixed = FIXED.find((s) => s >= raw);
    if (fixed) {
      for (let t = Math.ceil(low / fixed) * fixed; t <= high; t += fixed) {
        const d = new Date(t);
        found.push([t, fixed < DAY && t % DAY ? `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}` : `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`]);
      }
      return found;
    }
    const months = [1, 2, 3, 6, 12, 24, 60, 120].find((m) => m * 30.4 * DAY >= raw) ?? 120;
    const first = new Date(low);
    for (let m = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months; ; m += months) {
      const t = Date.UTC(Math.floor(m / 12), m % 12, 1);
      if (t > high) return found;
      if (t >= low) found.push([t, m % 12 ? MONTHS[m % 12] : String(Math.floor(m / 12))]);
    }
  }

  // --- one plot ---------------------------------------------------------------------------------------------------------------
  const finite = (v) => v !== null && v !== undefined && Number.isFinite(v);
  function extent(lists, keepZero) {
    let low = Infinity, high = -Infinity;
    for (const list of lists) for (const v of list) if (finite(v)) { if (v < low) low = v; if (v > high) high = v; }
    if (low > high) return [0, 1];
    if (keepZero) { low = Math.min(low, 0); high = Math.max(high, 0); }
    if (low === high) { const room = Math.abs(low) * 0.1 || 1; return [low - room, high + room]; }
    return [low, high];
  }
  function legendPlaces(plot, left, width) { // names wrap into rows
    let x = left, row = 0;
    if (plot.legend === false) return [];
    return plot.series.filter((s) => s.name && !s.hidden).map((s) => {
      const wide = 36 + s.name.length * 6.9;
      if (x > left && x + wide - 14 > width) { x = left; row++; }
      const found = { s, x, row };
      x += wide;
      return found;
    });
  }
  function measure(plot, width, height) {
    const stacked = plot.series.some((s) => s.type === "bar" || s.type === "area");
    const isNames = plot.x === "names", isLog = plot.log === true;
    const xs = isNames ? [-0.5, plot.names.length - 0.5] : extent(plot.series.map((s) => s.x), false);
    let [low, high] = extent([...plot.series.map((s) => s.y), ...plot.series.map((s) => s.low ?? []), ...plot.series.map((s) => s.high ?? []), (plot.levels ?? []).map((l) => l.y ?? NaN)], stacked && !isLog);
    if (isLog) { low /= 1.04; high *= 1.04; } else { const room = (high - low) * 0.05; low -= low === 0 && stacked ? 0 : room; high += high === 0 && stacked ? 0 : room; }
    if (plot.x === "number") { const room = (xs[1] - xs[0]) * 0.03; xs[0] -= room; xs[1] += room; }
    const format = FORMATS[plot.format ?? "ratio"];
    const yTicks = (isLog ? logTicks : numberTicks)(low, high, Math.max(2, Math.floor(height / 55)));
    const left = Math.min(80, Math.max(56, 12 + 6.8 * Math.max(...yTicks.map((v) => format.tick(v).length), 0)));
    const legend = legendPlaces(plot, left, width);
    const box = { left, top: legend.length ? 28 + 18 * legend.at(-1).row : 10, right: 10, bottom: plot.xTitle ? 40 : 24 };
    const inner = { w: Math.max(width - box.left - box.right, 20), h: Math.max(height - box.top - box.bottom, 20) };
    const flat = isLog ? Math.log : (v) => v;
    return {
      box, inner, xs, yTicks, legend, format, low, high, width, height,
      X: (v) => box.left + ((v - xs[0]) / (xs[1] - xs[0] || 1)) * inner.w,
      Y: (v) => box.top + (1 - (flat(Math.max(v, isLog ? low : -Infinity)) - flat(low)) / (flat(high) - flat(low) || 1)) * inner.h,
    };
  }
  function axes(svg, plot, m) {
    const grid = node("g", { class: "grid" }), words = node("g", { class: "words" });
    for (const v of m.yTicks) {
      grid.append(node("line", { x1: m.box.left, x2: m.width - m.box.right, y1: m.Y(v), y2: m.Y(v), class: v === 0 ? "zero" : "" }));
      words.append(node("text", { x: m.box.left - 7, y: m.Y(v) + 4, "text-anchor": "end" }, m.format.tick(v)));
    }
    const bottom = m.height - m.box.bottom;
    const xFormat = FORMATS[plot.xFormat ?? "ratio"];
    const room = Math.max(2, Math.floor(m.inner.w / 85));
    let ticks;
    if (plot.x === "names") {
      const longest = Math.max(...plot.names.map((name) => name.length), 1);
      const every = Math.max(1, Math.ceil((plot.names.length * (longest * 6.6 + 10)) / m.inner.w));
      ticks = plot.names.map((name, i) => [i, name]).filter(([i]) => i % every === 0);
    } else ticks = plot.x === "number" ? numberTicks(m.xs[0], m.xs[1], room).map((v) => [v, xFormat.tick(v)]) : timeTicks(m.xs[0], m.xs[1], room);
    for (const [v, name] of ticks) {
      if (plot.x !== "names") grid.append(node("line", { x1: m.X(v), x2: m.X(v), y1: bottom, y2: bottom + 4 }));
      words.append(node("text", { x: Math.min(m.X(v), m.width - 3.4 * name.length), y: bottom + 17, "text-anchor": "middle" }, name));
    }
    if (plot.x === "number" && m.xs[0] < 0 && m.xs[1] > 0) grid.append(node("line", { x1: m.X(0), x2: m.X(0), y1: m.box.top, y2: bottom, class: "zero" }));
    if (plot.xTitle) words.append(node("text", { x: m.box.left + m.inner.w / 2, y: m.height - 5, "text-anchor": "middle" }, plot.xTitle));
    svg.append(grid, words);
  }
  function linePath(s, m, values = s.y) {
    let path = "", isOpen = false, lastX, lastY;
    values.forEach((v, i) => {
      if (!finite(v)) { isOpen = false; return; }
      const x = m.X(s.x[i]).toFixed(1), y = m.Y(v).toFixed(1);
      if (isOpen && x === lastX && y === lastY) return;
      path += isOpen && s.step ? `H${x}V${y}` : `${isOpen ? "L" : "M"}${x} ${y}`;
      isOpen = true; lastX = x; lastY = y;
    });
    return path;
  }
  function bandPath(s, m) {
    const kept = s.x.map((_, i) => i).filter((i) => finite(s.low[i]) && finite(s.high[i]));
    if (!kept.length) return "";
    const up = kept.map((i) => `${m.X(s.x[i]).toFixed(1)} ${m.Y(s.high[i]).toFixed(1)}`);
    const down = kept.reverse().map((i) => `${m.X(s.x[i]).toFixed(1)} ${m.Y(s.low[i]).toFixed(1)}`);
    return `M${up.join("L")}L${down.join("L")}Z`;
  }
  const paint = (s) => `var(--${(s.colour ?? "c1").replace(/^--/, "")})`;
  const DRAW = {
    line(group, s, m) { group.append(node("path", { d: linePath(s, m), fill: "none", stroke: paint(s), "stroke-width": s.width ?? 1.5, "stroke-linejoin": "round", "stroke-dasharray": s.dash ?? "none" })); },
    area(group, s, m) {
      const path = linePath(s, m), zero = m.Y(0).toFixed(1);
      if (path) group.append(node("path", { d: `${path.replace(/M([\d.]+) /, (all, x) => `M${x} ${zero}L${x} `)}V${zero}Z`, fill: paint(s), opacity: 0.18 }));
      DRAW.line(group, s, m);
    },
    band(group, s, m) { group.append(node("path", { d: bandPath(s, m), fill: paint(s), opacity: 0.16 })); },
    bar(group, s, m, plot) {
      const bars = plot.series.filter((other) => other.type === "bar"), place = bars.indexOf(s);
      let slot = m.inner.w;
      if (plot.x === "names") slot = m.inner.w / plot.names.length;
      else for (let i = 1; i < s.x.length; i++) slot = Math.min(slot, m.X(s.x[i]) - m.X(s.x[i - 1]));
      const gap = plot.touching ? 0.5 : Math.max(1, slot * 0.18), wide = Math.max((slot - gap) / bars.length, 0.7);
      s.y.forEach((v, i) => {
        if (!finite(v)) return;
        const x = m.X(s.x[i]) - (slot - gap) / 2 + place * wide, top = Math.min(m.Y(v), m.Y(0));
        group.append(node("rect", { x, y: top, width: wide, height: Math.max(Math.abs(m.Y(v) - m.Y(0)), 0.5), fill: s.signed ? `var(--${v < 0 ? "bad" : "good"})` : paint(s), opacity: 0.85 }));
        if (s.low && finite(s.low[i]) && finite(s.high[i])) {
          const middle = x + wide / 2;
          group.append(node("path", { d: `M${middle} ${m.Y(s.low[i])}V${m.Y(s.high[i])}M${middle - 3} ${m.Y(s.low[i])}h6M${middle - 3} ${m.Y(s.high[i])}h6`, stroke: "var(--ink)", fill: "none", opacity: 0.7 }));
        }
      });
    },
    points(group, s, m) {
      s.y.forEach((v, i) => {
        if (finite(v) && finite(s.x[i])) group.append(node("circle", { cx: m.X(s.x[i]).toFixed(1), cy: m.Y(v).toFixed(1), r: s.size ?? 2.4, fill: paint(s), opacity: s.opacity ?? 0.55 }));
      });
    },
  };
  function legend(svg, m) {
    const group = node("g", { class: "words legend" });
    for (const { s, x, row } of m.legend) {
      const y = 12 + 18 * row;
      const fill = s.signed ? "var(--good)" : paint(s);
      group.append(s.type === "line" || s.type === "area" ? node("line", { x1: x, x2: x + 14, y1: y, y2: y, stroke: fill, "stroke-width": 3, "stroke-dasharray": s.dash ? "4 3" : "none" }) : node("rect", { x: x + 2, y: y - 5, width: 10, height: 10, rx: s.type === "points" ? 5 : 2, fill, opacity: s.type === "band" ? 0.35 : 0.85 }));
      group.append(node("text", { x: x + 19, y: y + 4 }, s.name));
    }
    svg.append(group);
  }
  function levels(svg, plot, m) {
    for (const level of plot.levels ?? []) {
      const line = level.x === undefined ? { x1: m.box.left, x2: m.width - m.box.right, y1: m.Y(level.y), y2: m.Y(level.y) } : { x1: m.X(level.x), x2: m.X(level.x), y1: m.box.top, y2: m.height - m.box.bottom };
      svg.append(node("line", { ...line, stroke: "var(--soft)", "stroke-dasharray": "4 3" }));
      if (level.name) svg.append(node("text", { class: "level", x: level.x === undefined ? m.width - m.box.right - 4 : m.X(level.x) + 4, y: level.x === undefined ? m.Y(level.y) - 5 : m.box.top + 11, "text-anchor": level.x === undefined ? "end" : "start" }, level.name));
    }
  }

  // --- reading off ------------------------------------------------------------------------------------------------------------
  function nearest(list, wanted) { // list rises
    let low = 0, high = list.length - 1;
    while (low < high) { const middle = (low + high) >> 1; if (list[middle] < wanted) low = middle + 1; else high = middle; }
    return low > 0 && wanted - list[low - 1] < list[low] - wanted ? low - 1 : low;
  }
  function words(plot, m, x, y) {
    const isPoints = plot.series.some((s) => s.type === "points");
    if (isPoints) {
      let best = null, distance = 400;
      for (const s of plot.series) if (s.type === "points") s.y.forEach((v, i) => {
        const d = finite(v) ? (m.X(s.x[i]) - x) ** 2 + (m.Y(v) - y) ** 2 : Infinity;
        if (d < distance) { distance = d; best = [s, i]; }
      });
      if (!best) return null;
      const [s, i] = best, xFormat = plot.x === "time" ? minute : FORMATS[plot.xFormat ?? "ratio"].full;
      return { at: m.X(s.x[i]), lines: [[s.texts?.[i] ?? s.name, ""], [plot.xTitle ?? "x", xFormat(s.x[i])], [plot.yTitle ?? "y", m.format.full(s.y[i])]] };
    }
    const wanted = m.xs[0] + ((x - m.box.left) / m.inner.w) * (m.xs[1] - m.xs[0]), lines = [];
    let at = null, head = "";
    for (const s of plot.series) {
      if (!s.x.length) continue;
      const i = nearest(s.x, wanted);
      if (at === null) { at = m.X(s.x[i]); head = plot.x === "names" ? plot.names[s.x[i]] : plot.x === "number" ? FORMATS[plot.xFormat ?? "ratio"].full(s.x[i]) : minute(s.x[i]); }
      if (s.type === "band") { if (finite(s.low[i])) lines.push([s.name, `${m.format.full(s.low[i])} to ${m.format.full(s.high[i])}`]); } else if (s.name && finite(s.y[i])) lines.push([s.name, m.format.full(s.y[i])]);
    }
    return at === null ? null : { at, lines: [[head, ""], ...lines] };
  }
  function reading(place, svg, plot, m) {
    const rule = node("line", { class: "rule", y1: m.box.top, y2: m.height - m.box.bottom, visibility: "hidden" });
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    svg.append(rule);
    place.append(tip);
    const hide = () => { tip.hidden = true; rule.setAttribute("visibility", "hidden"); };
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("pointermove", (event) => {
      const bounds = svg.getBoundingClientRect(), found = words(plot, m, event.clientX - bounds.left, event.clientY - bounds.top);
      if (!found) return hide();
      rule.setAttribute("x1", found.at); rule.setAttribute("x2", found.at); rule.setAttribute("visibility", "visible");
      tip.replaceChildren(...found.lines.map(([name, value], i) => {
        const line = document.createElement("div"), label = document.createElement("span"), number = document.createElement("b");
        label.textContent = name; number.textContent = value;
        line.append(label, number);
        if (!i) line.className = "tiphead";
        return line;
      }));
      tip.hidden = false;
      const right = found.at + 14 + tip.offsetWidth < m.width;
      tip.style.left = `${Math.max(0, right ? found.at + 14 : found.at - 14 - tip.offsetWidth)}px`;
      tip.style.top = `${m.box.top}px`;
    });
  }
  function draw(place, plot) {
    const width = place.clientWidth, height = place.clientHeight;
    if (!width) return;
    if (!plot.series.some((s) => s.y.some(finite))) {
      const empty = document.createElement("p");
      empty.className = "empty";
      empty.textContent = "Nothing to show.";
      place.replaceChildren(empty);
      return;
    }
    const m = measure(plot, width, height);
    const svg = node("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "bot4plot" });
    axes(svg, plot, m);
    for (const s of plot.series) {
      const group = node("g", { class: `series ${s.type}` });
      DRAW[s.type](group, s, m, plot);
      svg.append(group);
    }
    levels(svg, plot, m);
    legend(svg, m);
    place.replaceChildren(svg);
    reading(place, svg, plot, m);
  }
  function startScale(place, plot, redraw) {
    const buttons = place.closest("section")?.querySelectorAll(".scale button") ?? [];
    if (!buttons.length || place !== place.closest("section").querySelector(".plot")) return;
    const show = () => { for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.log === String(plot.log === true))); };
    for (const button of buttons) button.addEventListener("click", () => { plot.log = button.dataset.log === "true"; show(); redraw(); });
    show();
  }
  Bot4.plot = (place, plot) => {
    let last = 0;
    startScale(place, plot, () => draw(place, plot));
    const again = () => { if (place.clientWidth !== last) { last = place.clientWidth; draw(place, plot); } };
    again();
    new ResizeObserver(again).observe(place);
  };
  Object.assign(Bot4, { formats: FORMATS, minute, timeTicks, numberTicks, logTicks, short, svg: node });
})();
