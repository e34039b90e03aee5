// The chart of bars on a canvas: candles (or the span of every column of the screen), fills, equity, position. A click on a bar shows
// what was decided there. What the columns hold is written in bot4/report/bars.py and docs/design.md.
(() => {
  const box = document.getElementById("barchart");
  const info = Bot4.data("bars");
  const place = box.querySelector(".barplot"), canvas = box.querySelector("canvas"), panel = box.querySelector(".decision");
  const readout = box.querySelector(".readout"), caption = box.querySelector("figcaption"), choice = box.querySelector("select");
  const pen = canvas.getContext("2d");
  const HEIGHT = 520, LEFT = 62, RIGHT = 10, TOP = 10, BOTTOM = 24, LEAST = 12;
  const DAY = 86400000, SPANS = { "1w": 7 * DAY, "1m": 30 * DAY, "6m": 183 * DAY, "1y": 365 * DAY };
  const store = new Map();
  let equity, asset, bars, fills, from = 0, to = 1, pointed = null, chosen = null, width = 0;

  const made = (name, text, className) => { const e = document.createElement(name); if (text !== undefined) e.textContent = text; if (className) e.className = className; return e; };
  function sentence(text, className) { // `words` between backticks are code
    const line = made("p", undefined, className);
    text.split("`").forEach((part, i) => line.append(i % 2 ? made("code", part) : part));
    return line;
  }
  const price = (v) => v.toLocaleString("en-US", { maximumFractionDigits: asset.decimals, maximumSignificantDigits: 7 }).replace("-", "−");
  const plain = (v) => Number(Number(v).toPrecision(6)).toLocaleString("en-US", { maximumSignificantDigits: 6 }).replace("-", "−");
  const first = (list, wanted) => { let low = 0, high = list.length; while (low < high) { const m = (low + high) >> 1; if (list[m] < wanted) low = m + 1; else high = m; } return low; };
  const has = (id) => document.getElementById(id) !== null;

  async function load(entry) {
    if (!store.has(entry.id)) {
      const found = { bars: await Bot4.columns(entry.id), fills: await Bot4.columns(`${entry.id}fills`), orders: entry.hasOrders ? Bot4.data(`${entry.id}orders`) : {}, decisions: null };
      if (has(`decisions${entry.number}`)) { const told = Bot4.data(`decisions${entry.number}tree`); found.decisions = { ...told, factNames: told.facts, ...(await Bot4.columns(`decisions${entry.number}`)) }; }
      store.set(entry.id, found);
    }
    return store.get(entry.id);
  }
  async function show(number) {
    asset = info.assets[number];
    const found = await load(asset);
    [bars, fills] = [found.bars, found.fills];
    pointed = chosen = null;
    panel.replaceChildren();
    const joined = asset.step > info.interval ? `Bars are joined to ${spanName(asset.step)}. ` : "";
    caption.replaceChildren(...sentence(`${joined}Where bars are narrower than the screen can show, each column spans their lowest and highest price. Drag to move, pinch or +/− to zoom. ${info.limits}`).childNodes);
    zoomTo("all");
  }
  const spanName = (ms) => (ms % DAY === 0 ? `${ms / DAY} days` : ms % 3600000 === 0 ? `${ms / 3600000} hours` : `${ms / 60000} minutes`).replace(/^1 (\w+)s$/, "1 $1");
  function zoomTo(name) {
    const last = bars.ts.length;
    for (const button of box.querySelectorAll("[data-span]")) button.setAttribute("aria-pressed", String(button.dataset.span === name));
    if (name === "all") [from, to] = [0, last];
    else {
      const end = chosen === null || to >= last ? bars.ts[Math.min(Math.ceil(to), last) - 1] : bars.ts[chosen] + SPANS[name] / 2;
      to = Math.min(last, Math.max(first(bars.ts, end + 1), LEAST));
      from = Math.max(0, Math.min(first(bars.ts, bars.ts[to - 1] - SPANS[name]), to - LEAST));
    }
    draw();
  }
  function clamp(a, b) {
    const all = bars.ts.length, size = Math.min(Math.max(b - a, Math.min(LEAST, all)), all);
    from = Math.min(Math.max(a, 0), all - size);
    to = from + size;
    for (const button of box.querySelectorAll("[data-span]")) button.setAttribute("aria-pressed", String(button.dataset.span === "all" && size === all));
    draw();
  }
  const zoom = (factor, centre) => clamp(centre - (centre - from) * factor, centre + (to - centre) * factor);

  // --- drawing ----------------------------------------------------------------------------------------------------------------
  const inner = () => width - LEFT - RIGHT;
  const X = (i) => LEFT + ((i + 0.5 - from) / (to - from)) * inner();
  const at = (x) => Math.min(bars.ts.length - 1, Math.max(0, Math.floor(from + ((x - LEFT) / inner()) * (to - from))));
  function panels() {
    const usable = HEIGHT - TOP - BOTTOM - 24;
    return { price: [TOP, TOP + usable * 0.64], equity: [TOP + usable * 0.64 + 12, TOP + usable * 0.87 + 12], position: [TOP + usable * 0.87 + 24, HEIGHT - BOTTOM] };
  }
  function scale([top, bottom], low, high, flat = (v) => v) {
    if (low === high) { low -= Math.abs(low) * 0.01 || 1; high += Math.abs(high) * 0.01 || 1; }
    return (v) => bottom - ((flat(v) - flat(low)) / (flat(high) - flat(low))) * (bottom - top);
  }
  function range(list, a, b) {
    let low = Infinity, high = -Infinity;
    for (let i = a; i < b; i++) { const v = list[i]; if (v < low) low = v; if (v > high) high = v; }
    return [low, high];
  }
  function gridded(area, low, high, format, ticks, flat) {
    const y = scale(area, low, high, flat);
    pen.textAlign = "right";
    for (const v of low < high ? ticks : [low]) {
      pen.strokeStyle = Bot4.colour("line"); pen.beginPath(); pen.moveTo(LEFT, Math.round(y(v)) + 0.5); pen.lineTo(width - RIGHT, Math.round(y(v)) + 0.5); pen.stroke();
      pen.fillStyle = Bot4.colour("soft"); pen.fillText(format(v), LEFT - 7, y(v) + 4);
    }
    return y;
  }
  function drawBars(y, a, b) {
    const slot = inner() / (to - from), good = Bot4.colour("good"), bad = Bot4.colour("bad");
    if (slot < 3) { // the span of each column, so that extremes survive
      const columns = Math.max(1, Math.floor(inner() / 1.5)), each = (to - from) / columns;
      for (let c = 0; c < columns; c++) {
        const start = Math.max(a, Math.floor(from + c * each)), end = Math.min(b, Math.max(start + 1, Math.floor(from + (c + 1) * each)));
        if (start >= end) continue;
        let low = Infinity, high = -Infinity;
        for (let i = start; i < end; i++) { if (bars.low[i] < low) low = bars.low[i]; if (bars.high[i] > high) high = bars.high[i]; }
        pen.fillStyle = bars.close[end - 1] >= bars.open[start] ? good : bad;
        const top = y(high);
        pen.fillRect(LEFT + c * 1.5, top, 1.3, Math.max(y(low) - top, 1));
      }
      return;
    }
    const wide = Math.max(1, Math.min(slot * 0.7, 14));
    for (let i = a; i < b; i++) {
      const x = X(i), up = bars.close[i] >= bars.open[i];
      pen.strokeStyle = pen.fillStyle = up ? good : bad;
      pen.fillRect(x - 0.5, y(bars.high[i]), 1, Math.max(y(bars.low[i]) - y(bars.high[i]), 1));
      const top = y(Math.max(bars.open[i], bars.close[i])), tall = Math.max(Math.abs(y(bars.open[i]) - y(bars.close[i])), 1);
      pen.fillRect(x - wide / 2, top, wide, tall);
      if (up && wide >= 3 && tall > 3) { pen.fillStyle = Bot4.colour("ground"); pen.fillRect(x - wide / 2 + 1, top + 1, wide - 2, tall - 2); }
    }
  }
  function drawFills(y, area, a, b) {
    const start = first(fills.ts, bars.ts[a]), end = first(fills.ts, bars.ts[b - 1] + asset.step), size = end - start > 600 ? 2.2 : end - start > 200 ? 3 : 5;
    const seen = new Set();
    let row = a;
    for (let f = start; f < end; f++) {
      while (row + 1 < bars.ts.length && bars.ts[row + 1] <= fills.ts[f]) row++;
      const up = fills.qty[f] > 0, x = Math.round(X(row)), key = `${Math.round(x / 2)}${up}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const tip = up ? Math.min(y(bars.low[row]) + 3, area[1] - size) : Math.max(y(bars.high[row]) - 3, area[0] + size), down = up ? size * 1.6 : -size * 1.6;
      pen.fillStyle = Bot4.colour(up ? "c1" : "c4");
      pen.beginPath(); pen.moveTo(x, tip); pen.lineTo(x - size, tip + down); pen.lineTo(x + size, tip + down); pen.fill();
    }
  }
  function drawLine(list, times, y, colour, a, b, isStep, fillTo) {
    // The lowest and the highest of every column, in the order in which they come.
    const points = [];
    const start = Math.max(0, first(times, bars.ts[a]) - 1), end = Math.min(list.length, first(times, bars.ts[b - 1] + asset.step) + 1);
    const x = (t) => { const i = first(bars.ts, t + 1) - 1; return X(Math.max(i, 0) - 0.5 + Math.min(1, (t - bars.ts[Math.max(i, 0)]) / asset.step)); };
    const each = Math.max(1, Math.floor((end - start) / Math.max(inner(), 1)));
    for (let i = start; i < end; i += each) {
      let low = i, high = i;
      for (let k = i; k < Math.min(i + each, end); k++) { if (list[k] < list[low]) low = k; if (list[k] > list[high]) high = k; }
      for (const k of low === high ? [low] : low < high ? [low, high] : [high, low]) points.push([x(times[k]), y(list[k])]);
    }
    if (!points.length) return;
    pen.save(); pen.beginPath(); pen.rect(LEFT, 0, inner(), HEIGHT); pen.clip();
    pen.strokeStyle = colour; pen.lineWidth = 1.4; pen.beginPath();
    points.forEach(([px, py], i) => { if (i && isStep) pen.lineTo(px, points[i - 1][1]); pen[i ? "lineTo" : "moveTo"](px, py); });
    pen.stroke();
    if (fillTo !== undefined) { pen.lineTo(points.at(-1)[0], fillTo); pen.lineTo(points[0][0], fillTo); pen.globalAlpha = 0.2; pen.fillStyle = colour; pen.fill(); }
    pen.restore();
  }
  function title(text, area) { pen.textAlign = "left"; pen.fillStyle = Bot4.colour("soft"); pen.fillText(text, LEFT + 6, area[0] + 11); }
  function timeAxis() {
    const low = bars.ts[Math.floor(from)], high = bars.ts[Math.min(Math.ceil(to), bars.ts.length) - 1] + asset.step;
    pen.textAlign = "center"; pen.fillStyle = Bot4.colour("soft");
    for (const [t, name] of Bot4.timeTicks(low, high, Math.max(2, Math.floor(inner() / 90)))) {
      const i = first(bars.ts, t), x = X(i - 0.5);
      if (i < bars.ts.length && x > LEFT + 14 && x < width - RIGHT - 14) pen.fillText(name, x, HEIGHT - 7);
    }
  }
  function marked(i, colour, dash) {
    if (i === null || i < from - 1 || i > to) return;
    pen.save(); pen.strokeStyle = colour; pen.setLineDash(dash); pen.beginPath(); pen.moveTo(X(i), TOP); pen.lineTo(X(i), HEIGHT - BOTTOM); pen.stroke(); pen.restore();
  }
  function draw() {
    if (!bars || !width) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio; canvas.height = HEIGHT * ratio; canvas.style.width = `${width}px`; canvas.style.height = `${HEIGHT}px`;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, HEIGHT);
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const a = Math.max(0, Math.floor(from)), b = Math.min(bars.ts.length, Math.ceil(to)), area = panels();
    let [low] = range(bars.low, a, b), [, high] = range(bars.high, a, b);
    const isLog = low > 0 && high > 4 * low, room = isLog ? 0 : (high - low) * 0.07 || Math.abs(high) * 0.01; // else the low half would be a line
    [low, high] = isLog ? [low / 1.15, high * 1.15] : [low - room, high + room];
    const y = gridded(area.price, low, high, Bot4.short, (isLog ? Bot4.logTicks : Bot4.numberTicks)(low, high, 6), isLog ? Math.log : undefined);
    drawBars(y, a, b);
    drawFills(y, area.price, a, b);
    const ea = Math.max(0, first(equity.ts, bars.ts[a]) - 1), eb = Math.min(equity.ts.length, first(equity.ts, bars.ts[b - 1] + asset.step) + 1);
    if (ea < eb) {
      [low, high] = range(equity.value, ea, eb);
      drawLine(equity.value, equity.ts, gridded(area.equity, low, high, Bot4.short, low < high ? Bot4.numberTicks(low, high, 3) : []), Bot4.colour("strategy"), a, b, false);
    }
    title(`Equity, ${info.currency}`, area.equity);
    [low, high] = range(bars.position, a, b);
    [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    const py = gridded(area.position, low, high, Bot4.short, low < high ? [low, high, 0] : []);
    drawLine(bars.position, bars.ts, py, Bot4.colour("c4"), a, b, true, py(0));
    title("Position", area.position);
    timeAxis();
    marked(chosen, Bot4.colour("ink"), []);
    marked(pointed, Bot4.colour("soft"), [2, 3]);
  }
  function read(i) {
    pointed = i;
    readout.textContent = i === null ? "" : `${Bot4.minute(bars.ts[i])}   O ${price(bars.open[i])}   H ${price(bars.high[i])}   L ${price(bars.low[i])}   C ${price(bars.close[i])}   position ${plain(bars.position[i])}`;
    draw();
  }

  // --- the decision ---------------------------------------------------------------------------------------------------------------
  function facts(rows) {
    const table = made("table"), body = made("tbody");
    for (const [name, value] of rows) { const row = made("tr"), head = made("th", name, "left"); head.scope = "row"; row.append(head, made("td", value)); body.append(row); }
    table.append(body);
    return table;
  }
  function valueText(node, value) {
    if (Number.isNaN(value)) return "missing";
    return node[2] && (value === 0 || value === 1) ? (value ? "true" : "false") : plain(value);
  }
  function tree(d, node, row, depth) {
    const item = made("li"), [label, inputs] = d.nodes[node], line = made("span");
    line.append(made("span", label), made("b", valueText(d.nodes[node], d.values[node * d.ts.length + row])));
    const parts = inputs.filter((i) => d.nodes[i][1].length || !/^[−-]?[\d.]+(e[−+-]?\d+)?$/.test(d.nodes[i][0])); // constants stand in the text
    if (!parts.length) { item.append(line); return item; }
    const more = made("details"), head = made("summary"), list = made("ul");
    more.open = depth < 3;
    head.append(line);
    list.append(...parts.map((i) => tree(d, i, row, depth + 1)));
    more.append(head, list);
    item.append(more);
    return item;
  }
  function decided(i) {
    const found = store.get(asset.id).decisions;
    if (!found) return [];
    const row = first(found.ts, bars.ts[i]);
    if (row >= found.ts.length || found.ts[row] >= bars.ts[i] + asset.step) return [sentence("This page does not hold the expressions of this bar; `bot4 why` and `result.at` know them.", "soft small")];
    const blocks = [], known = found.factNames.flatMap((name, k) => { const v = found.facts[k * found.ts.length + row]; return Number.isNaN(v) ? [] : [[name, plain(v)]]; });
    const why = found.reasons[row] >= 0 ? [found.sentences[found.reasons[row]]] : [];
    for (const words of [...why, ...(found.events[String(found.ts[row])] ?? [])]) blocks.push(sentence(words, "why"));
    const columns = made("div", undefined, "columns"), left = made("div"), right = made("div");
    if (known.length) { left.append(made("h3", "On the way to the order"), facts(known)); columns.append(left); }
    right.append(made("h3", "The expression, with values"));
    for (const [label, node] of found.roots) { const list = made("ul", undefined, "tree"); right.append(made("div", label, "soft small")); list.append(tree(found, node, row, 0)); right.append(list); }
    columns.append(right);
    return [...blocks, columns];
  }
  function events(i) {
    const said = [];
    for (let f = first(fills.ts, bars.ts[i]); f < fills.ts.length && fills.ts[f] < bars.ts[i] + asset.step; f++)
      said.push(`${fills.qty[f] > 0 ? "bought" : "sold"} ${plain(Math.abs(fills.qty[f]))} at ${price(fills.price[f])} (${asset.reasons[fills.reason[f]] ?? fills.reason[f]}), fee ${plain(fills.fee[f])}, position then ${plain(fills.position[f])}`);
    const { orders, decisions } = store.get(asset.id);
    if (decisions?.events[String(bars.ts[i])]) return said; // its words tell of the orders
    for (let t = bars.ts[i] + info.interval; t <= bars.ts[i] + asset.step; t += info.interval) for (const text of orders[String(t)] ?? []) said.push(text);
    return said;
  }
  function choose(i) {
    chosen = i;
    if (i < from || i >= to - 1) clamp(i - (to - from) / 2, i + (to - from) / 2);
    const head = made("div", undefined, "head"), words = made("div"), said = events(i);
    words.append(made("h3", `${asset.symbol} · bar of ${Bot4.minute(bars.ts[i])}`), made("p", `decided at its close, ${Bot4.minute(bars.ts[i] + asset.step)} UTC`, "soft small"));
    const steps = made("div", undefined, "switch");
    for (const [name, step] of [["‹ bar", -1], ["bar ›", 1]]) { const button = made("button", name); button.type = "button"; button.addEventListener("click", () => choose(Math.min(bars.ts.length - 1, Math.max(0, i + step)))); steps.append(button); }
    head.append(words, steps);
    const ohlc = made("p", `open ${price(bars.open[i])}, high ${price(bars.high[i])}, low ${price(bars.low[i])}, close ${price(bars.close[i])}, volume ${plain(bars.volume[i])}; position ${i ? plain(bars.position[i - 1]) : "0"} before, ${plain(bars.position[i])} after`, "small");
    const list = made("ul");
    list.append(...said.map((text) => made("li", text)));
    panel.replaceChildren(head, ohlc, ...(said.length ? [list] : [made("p", "No fill in this bar, no order at its close.", "soft small")]), ...decided(i));
    panel.dataset.ts = bars.ts[i];
    draw();
  }

  // --- hands ------------------------------------------------------------------------------------------------------------------------
  const touches = new Map();
  let start = null, moved = false, spread = 0;
  const local = (event) => event.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener("pointerdown", (event) => { touches.set(event.pointerId, local(event)); start = { x: local(event), from, to }; moved = false; spread = 0; if (event.pointerType === "mouse") canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!touches.has(event.pointerId)) return read(at(local(event)));
    touches.set(event.pointerId, local(event));
    if (touches.size === 2) {
      const [a, b] = [...touches.values()], now = Math.abs(a - b) + 1;
      if (spread) zoom(spread / now, at((a + b) / 2));
      spread = now; moved = true;
    } else if (start && Math.abs(local(event) - start.x) > 4) {
      const shift = ((start.x - local(event)) / inner()) * (start.to - start.from);
      moved = true;
      clamp(start.from + shift, start.to + shift);
    }
  });
  const end = (event) => { const was = touches.delete(event.pointerId); if (was && event.type === "pointerup" && !moved && !touches.size) choose(at(local(event))); };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => read(null));
  canvas.addEventListener("dblclick", () => zoomTo("all"));
  canvas.addEventListener("wheel", (event) => { // A page that is scrolled past must not zoom: only with focus or Ctrl.
    if (!event.ctrlKey && document.activeElement !== place) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, at(local(event)));
  }, { passive: false });
  place.addEventListener("keydown", (event) => {
    const here = chosen ?? Math.floor(to) - 1, last = bars.ts.length - 1;
    const keys = { ArrowLeft: () => choose(Math.max(0, here - 1)), ArrowRight: () => choose(Math.min(last, here + 1)), Home: () => choose(0), End: () => choose(last), Enter: () => choose(here), "+": () => zoom(1 / 1.5, here), "=": () => zoom(1 / 1.5, here), "-": () => zoom(1.5, here) };
    if (keys[event.key] && !event.ctrlKey && !event.metaKey) { event.preventDefault(); keys[event.key](); }
  });
  choice.addEventListener("change", () => show(Number(choice.value)));
  for (const button of box.querySelectorAll("[data-span]")) button.addEventListener("click", () => zoomTo(button.dataset.span));

  Bot4.later(async () => {
    place.style.height = `${HEIGHT}px`;
    equity = await Bot4.columns("equity");
    width = place.clientWidth;
    await show(0);
    Bot4.onTheme(draw);
    new ResizeObserver(() => { if (place.clientWidth !== width) { width = place.clientWidth; draw(); } }).observe(place);
  });
  // For tests: where a bar is on the screen.
  Bot4.bars = { x: (ts) => X(first(bars.ts, ts)), choose: (ts) => choose(first(bars.ts, ts)), range: () => [from, to] };
})();
