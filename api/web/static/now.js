// The chart of page Now: orders per minute as bars, drawn anew when the minutes, the width or the theme change.
"use strict";

const HEIGHT = 170;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function optionsOf(width) {
  const axis = { stroke: colour("--dim"), grid: { stroke: colour("--edge"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(5, most * 1.1)] } },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: [[60, "{HH}:{mm}"]] },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
    ],
    series: [{}, { fill: colour("--accent"), stroke: colour("--accent"), width: 0, paths: uPlot.paths.bars({ size: [0.8, 24] }), points: { show: false } }],
  };
}

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("now-minutes");
  let data = [[], []];
  let chart = null;

  function take(text) {
    const { from, orders } = JSON.parse(text);
    data = [orders.map((_, minute) => from + minute * 60), orders];
    chart?.setData(data);
  }

  function draw() {
    chart?.destroy();
    chart = new uPlot(optionsOf(place.clientWidth), data, place);
  }

  take(place.dataset.minutes);
  draw();
  document.getElementById("now-live").addEventListener("minutes", (event) => take(event.detail.data));
  document.addEventListener("themechange", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
});
