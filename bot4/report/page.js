// Draws the chart in the page's own colours and keeps them when the reader's theme changes.
const chart = document.getElementById("chart");
const figure = JSON.parse(document.getElementById("figure").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

function themed() {
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line") };
  const layout = structuredClone(figure.layout);
  Object.assign(layout, {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: colour("soft"), family: getComputedStyle(document.body).fontFamily, size: 12 },
    hoverlabel: { bgcolor: colour("panel"), bordercolor: colour("line"), font: { color: colour("ink") } },
  });
  for (const name of ["xaxis", "yaxis", "yaxis2"]) Object.assign(layout[name], axis);
  layout.yaxis.type = document.querySelector(".switch [aria-pressed=true]").dataset.scale;
  if (layout.yaxis.type === "log") layout.yaxis.dtick = "D2"; // labels at 1, 2 and 5 only
  const data = figure.data.map((trace) => {
    const line = colour(trace.name === "Strategy" ? "strategy" : "holding");
    return { ...trace, line: { color: line, width: trace.name === "Strategy" ? 1.6 : 1.2 }, fillcolor: line + "33" };
  });
  return [data, layout];
}

function draw() {
  Plotly.react(chart, ...themed(), { responsive: true, displaylogo: false, displayModeBar: false });
}

for (const button of document.querySelectorAll(".switch button")) {
  button.setAttribute("aria-pressed", String(button.dataset.scale === figure.layout.yaxis.type));
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll(".switch button")) other.setAttribute("aria-pressed", String(other === button));
    draw();
  });
}
dark.addEventListener("change", draw);
draw();
