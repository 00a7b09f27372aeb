// Rows of dots with intervals along one axis: the what-ifs, the claims, and the base of other figures.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;
  const NARROW = 560;

  // Lays out labelled rows: labels beside the rows where there is room, above them where there is not.
  function rowLayout(rows, width, labelShare = 0.36) {
    const narrow = width < NARROW;
    const longest = Math.max(60, ...rows.map((row) => cp.textWidth(row.label)));
    const left = narrow ? 10 : Math.min(longest + 22, Math.max(150, width * labelShare));
    const labels = rows.map((row) => cp.wrap(row.label, narrow ? width - 12 : left - 20, 2));
    let bottom = narrow ? 0 : 6;
    const centres = labels.map((lines) => {
      const height = narrow ? 30 + 16 * lines.length : lines.length > 1 ? 40 : 30;
      bottom += height;
      return narrow ? bottom - 14 : bottom - height / 2;
    });
    const y = (row) => centres[rows.indexOf(row)];
    return { narrow, left, labels, y, bottom: bottom + 4 };
  }

  // The axis title, broken into lines under the axis, since a long one would be cut off.
  function axisTitle(text, width, layout) {
    const lines = cp.wrap(text, width - layout.left - 12, 2, 12);
    return { lines, mark: Plot.text([lines.join("\n")], { frameAnchor: "bottom-left", lineAnchor: "top", textAnchor: "start", dy: 30, fontSize: 12, lineHeight: 1.25, fill: "var(--soft)" }) };
  }

  function labelMarks(rows, layout) {
    const text = (row, i) => layout.labels[i].join("\n");
    const common = { y: layout.y, text, fontSize: 13, fill: "var(--ink)", lineHeight: 1.2 };
    return layout.narrow
      ? Plot.text(rows, { ...common, frameAnchor: "left", textAnchor: "start", lineAnchor: "bottom", dx: -8, dy: -10, stroke: "var(--paper)", strokeWidth: 4 })
      : Plot.text(rows, { ...common, frameAnchor: "left", textAnchor: "end", lineAnchor: "middle", dx: -12 });
  }

  // Rows `{ label, value?, text?, low?, high?, colour?, symbol?, hollow? }` on an axis in percent or points.
  function rowPlot(rows, width, { axis, domain, under = () => [], over = () => [], labelShare }) {
    const layout = rowLayout(rows, width, labelShare);
    const title = axisTitle(axis, width, layout);
    const right = 64;
    const bottom = 36 + 16 * title.lines.length;
    const ticks = layout.narrow ? 4 : 8;
    const { y } = layout;
    const drawn = rows.filter((row) => cp.finite(row.value));
    const colour = (row) => row.colour || "var(--accent)";
    return Plot.plot({
      width, height: layout.bottom + bottom, marginLeft: layout.left, marginRight: right, marginTop: 0, marginBottom: bottom,
      style: { fontFamily: cp.FONT, fontSize: "12px", background: "none", color: "var(--ink)" },
      x: { domain, label: null, ticks, tickSize: 0 },
      y: { type: "identity", axis: null },
      marks: [
        Plot.gridX({ stroke: "var(--grid)", strokeOpacity: 1, ticks }),
        ...under(y, layout.bottom),
        Plot.ruleY(drawn.filter((r) => cp.finite(r.low)), { y, x1: "low", x2: "high", stroke: colour, strokeWidth: 2.5 }),
        Plot.dot(drawn, { x: "value", y, r: 5.5, symbol: (r) => r.symbol || "circle", fill: (r) => (r.hollow ? "var(--paper)" : colour(r)), stroke: colour, strokeWidth: 2 }),
        ...over(y),
        Plot.text(rows, { y, text: (r) => r.text ?? "", frameAnchor: "right", textAnchor: "end", dx: right - 4, fontSize: 13, fontWeight: 600, fill: "var(--ink)" }),
        labelMarks(rows, layout),
        title.mark,
      ],
    });
  }

  const inPercent = (interval) => ({ value: 100 * interval.mean, low: 100 * interval.low, high: 100 * interval.high, text: cp.percent(interval.mean, interval.error) });

  cp.figures["what-ifs"] = (width) => {
    const sorted = [...data.answers].sort((a, b) => b.about_probability.mean - a.about_probability.mean);
    const rows = sorted.map((a) => ({ label: a.name, ...inPercent(a.about_probability), symbol: a.foreseen ? "diamond" : "circle" }));
    const factual = cp.outcomeIn(data.factual, data.case.about);
    if (factual) rows.unshift({ label: "As it was", ...inPercent(factual), colour: "var(--ink)" });
    const reference = () => factual ? [Plot.ruleX([100 * factual.mean], { stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "4 3" })] : [];
    const svg = rowPlot(rows, width, { axis: `probability of “${cp.about}” (%)`, domain: [0, 100], under: reference });
    return {
      svg,
      legend: [
        { kind: "dot", colour: "var(--accent)", label: "surprise: the others keep their rules" },
        { kind: "diamond", colour: "var(--accent)", label: "foreseen: the players adapt" },
        { kind: "dashed", colour: "var(--ink)", label: "as it was" },
      ],
    };
  };

  cp.figures.claims = (width) => {
    const rows = data.claims.map((claim) => {
      const { value, error } = claim.probability;
      const colour = value >= 0.9 ? "var(--player-2)" : value <= 0.1 ? "var(--less)" : "var(--accent)";
      return { label: claim.name, value: 100 * value, low: 100 * Math.max(0, value - 1.645 * error), high: 100 * Math.min(1, value + 1.645 * error), text: cp.percent(value, error), colour, prior: claim.prior_probability };
    });
    const before = rows.filter((row) => cp.finite(row.prior));
    const under = (y, bottom) => [
      Plot.rect([[0, 10], [90, 100]], { x1: "0", x2: "1", y1: 0, y2: bottom, fill: "var(--grid)" }),
      Plot.dot(before, { x: (row) => 100 * row.prior, y, r: 5, stroke: "var(--prior)", strokeWidth: 2 }),
    ];
    const svg = rowPlot(rows, width, { axis: "probability that the claim holds (%)", domain: [0, 100], under, labelShare: 0.5 });
    const legend = [{ kind: "dot", colour: "var(--accent)", label: "after the record (line: 90% simulation error)" }];
    if (before.length) legend.push({ kind: "ring", colour: "var(--prior)", label: "before the record" });
    return { svg, legend };
  };

  Object.assign(cp, { rowPlot, inPercent, rowLayout });
})();
