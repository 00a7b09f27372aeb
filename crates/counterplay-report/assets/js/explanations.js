// Rival explanations: from the probability before the record to the one after it.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;

  cp.figures.explanations = (width) => {
    const rows = [...data.explanations]
      .sort((a, b) => cp.byRank(a, b))
      .map((e) => ({ label: e.name, before: 100 * e.prior_probability, value: 100 * e.posterior_probability, text: cp.odds(e.posterior_probability) }));
    const most = Math.max(10, ...rows.flatMap((row) => [row.before, row.value]).filter(cp.finite));
    const under = (y) => [
      Plot.ruleY(rows, { x1: "before", x2: "value", y, stroke: "var(--accent)", strokeWidth: 2 }),
      Plot.dot(rows, { x: "before", y, r: 5, stroke: "var(--prior)", fill: "var(--paper)", strokeWidth: 2 }),
    ];
    const svg = cp.rowPlot(rows, width, { axis: "probability of the explanation (%)", domain: [0, Math.min(100, most * 1.1)], under, labelShare: 0.45 });
    return { svg, legend: [{ kind: "ring", colour: "var(--prior)", label: "before the record" }, { kind: "dot", colour: "var(--accent)", label: "after it" }] };
  };
})();
