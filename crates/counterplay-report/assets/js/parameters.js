// An uncertain quantity before and after the record: two densities and their central 90%.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;

  // The outline of a histogram as points.
  const outline = (bins) => bins.flatMap(([left, right, density]) => [{ x: left, y: density }, { x: right, y: density }]);

  function span(distribution, row) {
    const [low, , median, , high] = distribution.quantiles;
    return { low, median, high, row };
  }

  cp.figures.parameter = (width, index, figure) => {
    figure.dataset.bare = "yes";
    const parameter = data.parameters[index];
    const { before, after } = parameter;
    const most = Math.max(...[...before.histogram, ...after.histogram].map((bin) => bin[2]).filter(cp.finite), 1e-12);
    const unit = parameter.unit || "value";
    const axis = cp.wrap(unit, width - 40, 2, 12);
    const y = (row) => -most * (0.07 + 0.08 * row);
    const spans = (d, row, colour) => [
      Plot.ruleY([span(d, row)], { x1: "low", x2: "high", y: y(row), stroke: colour, strokeWidth: 3 }),
      Plot.dot([span(d, row)], { x: "median", y: y(row), r: 3.5, fill: colour }),
    ];
    const svg = Plot.plot({
      width, height: 150 + 15 * axis.length, marginLeft: 26, marginRight: 12, marginTop: 8, marginBottom: 24 + 15 * axis.length,
      style: { fontFamily: cp.FONT, fontSize: "12px", background: "none", color: "var(--ink)" },
      x: { label: null, ticks: Math.max(3, Math.floor(width / 75)), tickSize: 4 },
      y: { domain: [-most * 0.2, most * 1.05], axis: null },
      marks: [
        Plot.areaY(outline(before.histogram), { x: "x", y1: 0, y2: "y", fill: "var(--prior-soft)" }),
        Plot.areaY(outline(after.histogram), { x: "x", y1: 0, y2: "y", fill: "var(--accent-soft)" }),
        Plot.line(outline(after.histogram), { x: "x", y: "y", stroke: "var(--accent)", strokeWidth: 2 }),
        Plot.ruleY([0], { stroke: "var(--line)" }),
        ...spans(before, 0, "var(--prior)"),
        ...spans(after, 1, "var(--accent)"),
        Plot.text(["density"], { frameAnchor: "left", rotate: -90, dx: -14, textAnchor: "middle", fontSize: 12, fill: "var(--soft)" }),
        Plot.text([axis.join("\n")], { frameAnchor: "bottom", lineAnchor: "top", dy: 24, fontSize: 12, lineHeight: 1.25, fill: "var(--soft)" }),
      ],
    });
    return {
      svg, title: parameter.name, note: `Before and after the record; bars are the central 90%, dots the median. Unit: ${unit}.`,
      legend: [{ kind: "area", colour: "var(--prior-soft)", label: "before the record" }, { kind: "line", colour: "var(--accent)", label: "after it" }],
    };
  };
})();
