// What each factor carries: Shapley values as bars with their intervals.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;

  cp.figures.shapley = (width, index) => {
    const { factors } = data.attributions[index];
    const rows = [...factors]
      .sort((a, b) => cp.byRank(a, b))
      .map(({ name, shapley }) => ({
        label: name, mean: 100 * shapley.mean, low: 100 * shapley.low, high: 100 * shapley.high,
        text: cp.points(shapley.mean, shapley.error), colour: shapley.mean < 0 ? "var(--less)" : "var(--accent)",
      }));
    if (!rows.length) return null;
    const ends = rows.flatMap((row) => [0, row.mean, row.low, row.high]).filter(cp.finite);
    const pad = 0.04 * (Math.max(...ends) - Math.min(...ends) || 1);
    const domain = [Math.min(...ends) - pad, Math.max(...ends) + pad];
    const bars = (y) => [
      Plot.rect(rows, { x1: 0, x2: "mean", y1: (r) => y(r) - 7, y2: (r) => y(r) + 7, fill: "colour", fillOpacity: 0.55 }),
      Plot.ruleX([0], { stroke: "var(--ink)" }),
    ];
    const whiskers = (y) => [Plot.ruleY(rows, { x1: "low", x2: "high", y, stroke: "var(--ink)", strokeWidth: 1.75 })];
    const svg = cp.rowPlot(rows, width, { axis: "Shapley value (percentage points of probability)", domain, under: bars, over: whiskers });
    const legend = [{ kind: "area", colour: "var(--accent)", label: "makes the outcome more probable" }];
    if (rows.some((row) => row.mean < 0)) legend.push({ kind: "area", colour: "var(--less)", label: "makes it less probable" });
    legend.push({ kind: "line", colour: "var(--ink)", label: "90% interval" });
    return { svg, legend };
  };
})();
