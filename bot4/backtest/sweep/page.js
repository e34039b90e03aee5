// The plots of a sweep's page: heat map over two parameters, parallel coordinates, neighbourhood. Data and texts come from page.py.
Bot4.later(async () => {
  const about = Bot4.data("sweep"), columns = await Bot4.columns("sweep-rows");
  const count = about.rows, names = about.parameters, NS = "http://www.w3.org/2000/svg";
  const place = (id) => document.getElementById(id);
  const node = (name, attributes = {}, text) => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const tidy = (text) => text.replace("-", "−");
  function shown(metric, value) {
    if (!Number.isFinite(value)) return "–";
    const format = about.metrics[metric].format;
    if (format === "percent") return tidy(`${(value * 100).toFixed(value !== 0 && Math.abs(value) < 0.001 ? 4 : 1)} %`);
    if (format === "count") return tidy(Math.round(value).toLocaleString("en-US"));
    if (format === "amount") return tidy(Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(4));
    return tidy(value.toFixed(2));
  }
  const label = (name, code) => String(about.values[name][code]);
  const short = (name, code) => {
    const value = about.values[name][code];
    return typeof value === "number" ? tidy(String(Number(value.toPrecision(4)))) : String(value);
  };

  // --- colours: worst to best, told apart by lightness too ---------------------------------------------------------------------
  const RAMP = [[122, 40, 18], [201, 84, 28], [240, 163, 84], [226, 222, 210], [120, 184, 214], [45, 120, 190], [16, 60, 130]];
  function ramp(share) {
    const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1), low = Math.min(Math.floor(at), RAMP.length - 2), rest = at - low;
    return RAMP[low].map((part, i) => Math.round(part + (RAMP[low + 1][i] - part) * rest));
  }
  const paint = (share) => `rgb(${ramp(share).join(",")})`;
  const ink = (share) => { const [r, g, b] = ramp(share); return r * 0.3 + g * 0.59 + b * 0.11 > 140 ? "#16202c" : "#ffffff"; };
  function range(values) {
    let low = Infinity, high = -Infinity;
    for (const value of values) if (Number.isFinite(value)) { if (value < low) low = value; if (value > high) high = value; }
    return [low, high];
  }
  const goodness = (metric, value, [low, high]) => {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return about.metrics[metric].sign > 0 ? share : 1 - share;
  };
  function options(select, keys, chosen, texts = keys) {
    keys.forEach((key, i) => { const o = new Option(texts[i], key, false, key === chosen); select.append(o); });
  }
  const metrics = Object.keys(about.metrics), titles = metrics.map((m) => about.metrics[m].title);
  for (const id of ["heat-metric", "lines-metric"]) if (place(id)) options(place(id), metrics, about.metric, titles);

  // --- heat map --------------------------------------------------------------------------------------------------------------
  let how = "best";
  function table(x, y, metric) {
    const width = about.values[x].length, height = about.values[y].length;
    const sum = new Float64Array(width * height).fill(how === "mean" ? 0 : NaN), many = new Float64Array(width * height);
    const values = columns[metric], sign = about.metrics[metric].sign;
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (!Number.isFinite(value)) continue;
      const at = columns["p:" + y][i] * width + columns["p:" + x][i];
      if (how === "mean") sum[at] += value;
      else if (!(sign * sum[at] >= sign * value)) sum[at] = value;
      many[at]++;
    }
    if (how === "mean") for (let i = 0; i < sum.length; i++) sum[i] = many[i] ? sum[i] / many[i] : NaN;
    return { width, height, cells: sum };
  }
  function drawHeat() {
    const x = place("heat-x").value, y = place("heat-y").value, metric = place("heat-metric").value, box = place("heat");
    box.replaceChildren();
    if (x === y) { box.innerHTML = '<p class="empty">Choose two different parameters.</p>'; return; }
    const { width, height, cells } = table(x, y, metric), limits = range(cells);
    const wide = box.clientWidth, left = 58, bottom = 34, size = Math.min(Math.max((wide - left - 4) / width, 3), 110);
    const tall = Math.min(Math.max(420 / height, 4), 34), full = left + size * width + 4;
    const svg = node("svg", { width: full, height: tall * height + bottom + 8, class: "bot4plot" });
    const texts = size >= 44 && tall >= 16, readout = place("heat-read");
    for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) {
      const value = cells[row * width + column];
      const at = { x: left + column * size, y: (height - 1 - row) * tall + 4, width: Math.max(size - 1, 1), height: Math.max(tall - 1, 1) };
      if (!Number.isFinite(value)) { svg.append(node("rect", { ...at, fill: "none", stroke: "var(--line)" })); continue; }
      const share = goodness(metric, value, limits), cell = node("rect", { ...at, fill: paint(share) });
      const say = `${x} = ${label(x, column)}, ${y} = ${label(y, row)}: ${about.metrics[metric].title} ${shown(metric, value)}`;
      cell.append(node("title", {}, say));
      cell.addEventListener("pointerenter", () => { readout.textContent = say; });
      svg.append(cell);
      if (texts) {
        const text = node("text", { x: at.x + at.width / 2, y: at.y + at.height / 2 + 4, "text-anchor": "middle", "pointer-events": "none" }, shown(metric, value));
        text.style.fill = ink(share);
        svg.append(text);
      }
    }
    const every = (count, size, room) => Math.max(1, Math.ceil(room / size));
    for (let c = 0, k = every(width, size, 46); c < width; c += k)
      svg.append(node("text", { x: left + (c + 0.5) * size, y: tall * height + 20, "text-anchor": "middle" }, short(x, c)));
    for (let r = 0, k = every(height, tall, 16); r < height; r += k)
      svg.append(node("text", { x: left - 6, y: (height - 1 - r + 0.5) * tall + 8, "text-anchor": "end" }, short(y, r)));
    box.append(svg);
    place("heat-axes").textContent = `${x} across, ${y} upwards; ${how === "best" ? "the best" : "the mean"} over all other parameters. Orange is worse, blue is better.`;
    readout.textContent = `${about.metrics[metric].title}: ${shown(metric, limits[0])} to ${shown(metric, limits[1])}`;
  }
  if (names.length > 1) {
    options(place("heat-x"), names, about.x);
    options(place("heat-y"), names, about.y);
    for (const id of ["heat-x", "heat-y", "heat-metric"]) place(id).addEventListener("change", drawHeat);
    for (const button of document.querySelectorAll("#heat-how button")) button.addEventListener("click", () => {
      how = button.value;
      for (const other of document.querySelectorAll("#heat-how button")) other.setAttribute("aria-pressed", String(other === button));
      drawHeat();
    });
    drawHeat();
  }

  // --- parallel coordinates ------------------------------------------------------------------------------------------------------
  const brushes = new Map(); // by axis: [low, high] as shares of its height
  const MOST_LINES = 3000, TOP = 38, BOTTOM = 24;
  function axes(metric) {
    const found = names.map((name) => {
      const last = Math.max(about.values[name].length - 1, 1), codes = columns["p:" + name];
      return { name, title: name, share: (i) => (about.values[name].length > 1 ? codes[i] / last : 0.5), low: short(name, 0), high: short(name, about.values[name].length - 1) };
    });
    const limits = range(columns[metric]), values = columns[metric];
    found.push({ name: metric, title: about.metrics[metric].title, share: (i) => (values[i] - limits[0]) / (limits[1] - limits[0] || 1), low: shown(metric, limits[0]), high: shown(metric, limits[1]) });
    return found;
  }
  function drawLines() {
    const box = place("lines"), canvas = place("lines-canvas"), metric = place("lines-metric").value, list = axes(metric);
    const wide = box.clientWidth, tall = 340, scale = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
    canvas.width = wide * scale; canvas.height = tall * scale; canvas.style.height = tall + "px";
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    const side = Math.min(52, wide / 8), at = (k) => side + (k * (wide - 2 * side)) / Math.max(list.length - 1, 1);
    const y = (share) => TOP + (1 - share) * (tall - TOP - BOTTOM), limits = range(columns[metric]), values = columns[metric];
    const order = Array.from({ length: count }, (_, i) => i).filter((i) => Number.isFinite(values[i]));
    order.sort((a, b) => goodness(metric, values[a], limits) - goodness(metric, values[b], limits)); // the best on top
    const step = Math.max(1, Math.ceil(order.length / MOST_LINES));
    let inside = 0;
    const dark = Bot4.isDark();
    order.forEach((i, rank) => {
      const chosen = list.every((axis, k) => { const b = brushes.get(k); return !b || (axis.share(i) >= b[0] - 1e-9 && axis.share(i) <= b[1] + 1e-9); });
      inside += chosen;
      if ((order.length - 1 - rank) % step || (!chosen && brushes.size)) return;
      pen.globalAlpha = Math.min(1, Math.max(0.12, 120 / Math.min(order.length, MOST_LINES)));
      const lift = dark ? 0.28 : 0; // on a dark ground the best and the worst are too dark as they are
      pen.strokeStyle = rank === order.length - 1 ? Bot4.colour("strategy") : `rgb(${ramp(goodness(metric, values[i], limits)).map((part) => Math.round(part + (255 - part) * lift)).join(",")})`;
      pen.lineWidth = rank === order.length - 1 ? 3 : 1.2;
      if (rank === order.length - 1) pen.globalAlpha = 1;
      pen.beginPath();
      list.forEach((axis, k) => (k ? pen.lineTo(at(k), y(axis.share(i))) : pen.moveTo(at(k), y(axis.share(i)))));
      pen.stroke();
    });
    pen.globalAlpha = 1;
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    pen.textAlign = "center";
    list.forEach((axis, k) => {
      pen.strokeStyle = Bot4.colour("soft"); pen.lineWidth = 1;
      pen.beginPath(); pen.moveTo(at(k), TOP); pen.lineTo(at(k), tall - BOTTOM); pen.stroke();
      const brush = brushes.get(k);
      if (brush) { pen.fillStyle = dark ? "rgba(255,255,255,0.25)" : "rgba(0,0,0,0.18)"; pen.fillRect(at(k) - 6, y(brush[1]), 12, y(brush[0]) - y(brush[1])); }
      pen.fillStyle = Bot4.colour("ink");
      const room = (wide - 2 * side) / Math.max(list.length - 1, 1) / 7, title = axis.title.length > room ? axis.title.slice(0, Math.max(3, room - 1)) + "…" : axis.title;
      pen.fillText(title, at(k), 12);
      pen.fillStyle = Bot4.colour("soft");
      pen.fillText(axis.high, at(k), TOP - 6); pen.fillText(axis.low, at(k), tall - 8);
    });
    canvas.dataset.drawn = String(order.length);
    place("lines-read").textContent = brushes.size ? `${inside.toLocaleString("en-US")} of ${order.length.toLocaleString("en-US")} rows are inside the marks; click an axis to take its mark away.` : "Drag along an axis to keep the rows that pass there.";
    return { at, count: list.length, y };
  }
  const canvas = place("lines-canvas");
  let drag = null;
  const where = (event) => {
    const box = canvas.getBoundingClientRect(), list = names.length + 1, side = Math.min(52, box.width / 8);
    const k = Math.round(((event.clientX - box.left - side) / Math.max(box.width - 2 * side, 1)) * Math.max(list - 1, 1));
    const share = 1 - (event.clientY - box.top - TOP) / (box.height - TOP - BOTTOM);
    return [Math.min(Math.max(k, 0), list - 1), Math.min(Math.max(share, 0), 1)];
  };
  canvas.addEventListener("pointerdown", (event) => { drag = where(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [, share] = where(event);
    if (Math.abs(share - drag[1]) > 0.02) { brushes.set(drag[0], [Math.min(share, drag[1]), Math.max(share, drag[1])]); drawLines(); }
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && Math.abs(where(event)[1] - drag[1]) <= 0.02) { brushes.delete(drag[0]); drawLines(); }
    drag = null;
  });
  place("lines-metric").addEventListener("change", drawLines);
  drawLines();
  Bot4.onTheme(() => { drawLines(); });
  let wide = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === wide) return; // phones resize when their bars hide
    wide = window.innerWidth;
    drawLines();
    if (names.length > 1) drawHeat();
  });
});
