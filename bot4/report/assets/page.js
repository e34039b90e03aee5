// What every page of Bot4 has: theme, data, figures, tables. Nothing here reads the network or storage beyond the theme.
const Bot4 = (() => {
  const root = document.documentElement;
  const listeners = [];
  const element = (id) => document.getElementById(id);
  const data = (name) => JSON.parse(element(name).textContent);

  // --- theme -------------------------------------------------------------------------------------------------------------
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name.replace(/^--/, "")).trim();
  const onTheme = (redraw) => listeners.push(redraw);
  function themed() {
    const button = element("theme");
    button.setAttribute("aria-pressed", String(isDark()));
    for (const redraw of listeners) redraw();
  }
  function remembered(value) {
    try { // A browser may forbid storage to files.
      if (value === undefined) return localStorage.getItem("bot4-theme");
      localStorage.setItem("bot4-theme", value);
    } catch { /* The theme is then chosen anew on each page. */ }
    return null;
  }
  function startTheme() {
    const known = remembered();
    if (!root.dataset.theme && (known === "light" || known === "dark")) root.dataset.theme = known;
    element("theme").addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      remembered(root.dataset.theme);
      themed();
    });
    system.addEventListener("change", themed);
    let chosen; // paper is white: canvases and Plotly figures are drawn again for it
    window.addEventListener("beforeprint", () => { chosen = root.dataset.theme ?? ""; root.dataset.theme = "light"; themed(); });
    window.addEventListener("afterprint", () => { if (chosen) root.dataset.theme = chosen; else delete root.dataset.theme; themed(); });
    themed();
  }

  // --- compressed data ------------------------------------------------------------------------------------------------------
  async function inflate(id) {
    const text = atob(element(id).textContent), packed = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
  async function columns(id) {
    const bytes = await inflate(id), found = {};
    let at = 0;
    for (const [name, type, length] of JSON.parse(element(id).dataset.columns)) {
      const size = Number(type[1]), whole = new Uint8Array(length * size);
      for (let byte = 0; byte < size; byte++) for (let i = 0; i < length; i++) whole[i * size + byte] = bytes[at++];
      found[name] = new TYPES[type](whole.buffer);
    }
    return found;
  }

  // --- figures --------------------------------------------------------------------------------------------------------------
  let plotlyReady = null;
  function plotly() {
    plotlyReady ??= inflate("plotly").then((bytes) => {
      const script = document.createElement("script");
      script.textContent = new TextDecoder().decode(bytes);
      document.head.append(script);
    });
    return plotlyReady;
  }
  function resolved(value) { // every "--name" is a colour of the style sheet
    if (typeof value === "string") return /^--[\w-]+$/.test(value) ? colour(value) : value;
    if (Array.isArray(value)) return value.length && typeof value[0] === "number" ? value : value.map(resolved);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
    return value;
  }
  function drawPlotly(place, figure) {
    const layout = resolved(structuredClone(figure.layout ?? {}));
    delete layout.template;
    const axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line"), automargin: true };
    for (const name of new Set(["xaxis", "yaxis", ...Object.keys(layout)])) if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...axis, ...layout[name] };
    Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true });
    layout.colorway ??= [1, 2, 3, 4, 5, 6].map((n) => colour("c" + n));
    layout.font = { color: colour("soft"), family: getComputedStyle(document.body).fontFamily, size: 12, ...layout.font };
    layout.hoverlabel = { bgcolor: colour("panel"), bordercolor: colour("line"), font: { color: colour("ink") }, ...layout.hoverlabel };
    layout.margin ??= { l: 56, r: 12, t: 12, b: 40 };
    return Plotly.react(place, resolved(figure.data), layout, { responsive: true, displaylogo: false, displayModeBar: false, ...figure.config });
  }
  async function drawFigures() {
    for (const [id, figure] of Object.entries(data("figures"))) {
      const place = element(id);
      if (!place) continue; // made and not placed
      if (figure.data) {
        await plotly();
        await drawPlotly(place, figure);
        onTheme(() => drawPlotly(place, figure));
      } else Bot4.plot(place, figure);
    }
  }

  // --- tables ---------------------------------------------------------------------------------------------------------------
  function sortKey(text) {
    const plain = text.replace(/−/g, "-").replace(/[\s\u00a0,]/g, "").replace(/(%|×|bp)$/, "");
    return plain === "–" || plain === "" ? null : /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/.test(plain) ? Number(plain) : text.trim();
  }
  function sort(table, head, column) {
    const body = table.tBodies[0], falling = head.getAttribute("aria-sort") !== "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const rows = [...body.rows].map((row) => [sortKey(row.cells[column].textContent), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null); // missing ones stand last either way
      const order = typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
      return falling ? -order : order;
    });
    body.append(...rows.map(([, row]) => row));
  }
  function startTables() {
    for (const table of document.querySelectorAll("table[data-sortable]")) {
      [...table.tHead.rows[0].cells].forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => sort(table, head, column));
      });
    }
    for (const box of document.querySelectorAll(".filter")) {
      const rows = [...box.parentElement.querySelectorAll("tbody tr")].map((row) => [row.textContent.toLowerCase(), row]);
      box.addEventListener("input", () => {
        const wanted = box.value.toLowerCase().split(/\s+/);
        for (const [text, row] of rows) row.hidden = !wanted.every((word) => text.includes(word));
      });
    }
  }

  // --- start ----------------------------------------------------------------------------------------------------------------
  const waiting = [];
  const later = (task) => waiting.push(task);
  async function start() {
    startTheme();
    if (window.matchMedia("(max-width: 1499px)").matches) document.querySelector(".contents details").open = false;
    startTables();
    await drawFigures();
    for (const task of waiting) await task();
    root.dataset.ready = "true"; // what tests and printers wait for
  }
  return { data, columns, colour, isDark, onTheme, later, start };
})();
