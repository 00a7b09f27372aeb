// Sweeps as curves, predictions as a path, and distributions of measured quantities.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;
  const asked = data.questions || {};
  const style = { fontFamily: cp.FONT, fontSize: "12px", background: "none", color: "var(--ink)" };
  const times = (scale) => (scale === "probability" ? 100 : 1);
  const unit = (scale, quantity) => (scale === "probability" ? `${quantity} (%)` : scale === "payoff" ? `${quantity} (payoff units)` : quantity);

  // Axis titles are drawn as text, broken into lines, since a long one would be cut off.
  function titles(width, below, left, margin) {
    const text = (lines, options) => Plot.text([lines.join("\n")], { fontSize: 12, lineHeight: 1.25, fill: "var(--soft)", ...options });
    return [
      text(cp.wrap(below, width - margin - 12, 2, 12), { frameAnchor: "bottom-left", lineAnchor: "top", textAnchor: "start", dy: 30 }),
      text(cp.wrap(left, width - 12, 2, 12), { frameAnchor: "top-left", lineAnchor: "bottom", textAnchor: "start", dx: -margin + 6, dy: -8 }),
    ];
  }

  cp.figures.sweep = (width, index) => {
    const sweep = asked.sweeps[index];
    const k = times(sweep.scale);
    const points = sweep.points.map(([x, y]) => ({ x, mean: k * y.mean, low: k * y.low, high: k * y.high })).filter((p) => cp.finite(p.mean));
    const name = sweep.unit ? `${sweep.parameter} (${sweep.unit})` : sweep.parameter;
    const margin = 46;
    const svg = Plot.plot({
      width, height: 330, marginLeft: margin, marginRight: 14, marginTop: 44, marginBottom: 70, style,
      x: { label: null, ticks: Math.max(3, Math.floor(width / 90)) },
      y: { label: null, grid: true, ...(sweep.scale === "probability" ? { domain: [0, 100] } : { nice: true }) },
      marks: [
        Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: "var(--accent-soft)" }),
        Plot.ruleY(cp.finite(sweep.factual.mean) ? [k * sweep.factual.mean] : [], { stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "4 3" }),
        Plot.line(points, { x: "x", y: "mean", stroke: "var(--accent)", strokeWidth: 2 }),
        Plot.dot(points, { x: "x", y: "mean", r: 4, fill: "var(--accent)" }),
        ...titles(width, name, unit(sweep.scale, sweep.quantity), margin),
      ],
    });
    return {
      svg,
      legend: [
        { kind: "line", colour: "var(--accent)", label: "mean" },
        { kind: "area", colour: "var(--accent-soft)", label: "central 90%" },
        { kind: "dashed", colour: "var(--ink)", label: "as it was" },
      ],
    };
  };

  cp.figures.prediction = (width, index) => {
    const prediction = asked.predictions[index];
    const k = times(prediction.scale);
    const rows = prediction.path.map((step, known) => {
      const good = step.reweighting.pareto_k === null ? false : step.reweighting.pareto_k < 0.7;
      const label = step.event ? `${step.event}: ${step.action}` : "nothing is known";
      const { mean, low, high, error } = step.value;
      const text = prediction.scale === "probability" ? cp.percent(mean, error) : cp.quantity(mean, error);
      return { label, value: k * mean, low: k * low, high: k * high, text, hollow: !good, colour: known === prediction.known ? "var(--less)" : "var(--accent)" };
    });
    const ends = rows.flatMap((row) => [row.low, row.high]).filter(cp.finite);
    const domain = prediction.scale === "probability" ? [0, 100] : [Math.min(...ends), Math.max(...ends)];
    const over = (y) => [Plot.line(rows.filter((r) => cp.finite(r.value)), { x: "value", y, stroke: "var(--accent)", strokeWidth: 1, strokeOpacity: 0.6 })];
    const svg = cp.rowPlot(rows, width, { axis: unit(prediction.scale, prediction.quantity), domain, over });
    return {
      svg,
      legend: [
        { kind: "dot", colour: "var(--less)", label: `before “${prediction.as_of}”` },
        { kind: "dot", colour: "var(--accent)", label: "at other moments, after the event named" },
      ],
    };
  };

  // Densities as areas: the one that is asked for, and that of the world as it was.
  function densities(width, distribution, factual, name, happened) {
    const outline = (bins) => bins.flatMap(([left, right, density]) => [{ x: left, y: density }, { x: right, y: density }]);
    const margin = 46;
    const marks = [
      ...(factual ? [Plot.areaY(outline(factual.histogram), { x: "x", y1: 0, y2: "y", fill: "var(--prior-soft)" })] : []),
      Plot.areaY(outline(distribution.histogram), { x: "x", y1: 0, y2: "y", fill: "var(--accent-soft)" }),
      Plot.line(outline(distribution.histogram), { x: "x", y: "y", stroke: "var(--accent)", strokeWidth: 2 }),
      Plot.ruleY([0], { stroke: "var(--line)" }),
      ...(cp.finite(happened) ? [Plot.ruleX([happened], { stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "4 3" })] : []),
      ...titles(width, name, "probability density (per unit)", margin),
    ];
    const svg = Plot.plot({
      width, height: 260, marginLeft: margin, marginRight: 14, marginTop: 36, marginBottom: 62, style,
      x: { label: null, ticks: Math.max(3, Math.floor(width / 90)) }, y: { label: null, ticks: 4, grid: true }, marks,
    });
    const legend = [{ kind: "area", colour: "var(--accent-soft)", label: factual ? "in this world" : "predicted" }];
    if (factual) legend.push({ kind: "area", colour: "var(--prior-soft)", label: "as it was" });
    if (cp.finite(happened)) legend.push({ kind: "dashed", colour: "var(--ink)", label: "what came about" });
    return { svg, legend };
  }

  const measure = (quantity) => quantity.replace(/^distribution of /, "");

  cp.figures.query = (width, index) => {
    const query = asked.queries[index];
    return densities(width, query.distribution, query.factual_distribution, measure(query.quantity), NaN);
  };

  cp.figures.predicted = (width, index) => {
    const prediction = asked.predictions[index];
    return densities(width, prediction.distribution, null, measure(prediction.quantity), Number.parseFloat(prediction.happened));
  };
})();
