// What claims and the forecast rest on: tipping points, and shares of the variance.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;

  cp.figures.tipping = (width) => {
    const { claims, range } = data.stress;
    const rows = claims.flatMap((claim) => claim.shifts.filter((test) => test.tipping).map((test) => {
      const { value, error } = test.tipping.shift;
      return {
        label: `${claim.claim}: ${test.parameter}`, value, text: cp.signed(value, 1), hollow: !test.tipping.confirmation?.confirmed,
        low: Math.max(-range, value - 1.645 * error), high: Math.min(range, value + 1.645 * error),
        colour: test.judgement_only ? "var(--less)" : "var(--accent)",
      };
    }));
    const under = (y, bottom) => [
      Plot.rect([[-1, 1]], { x1: "0", x2: "1", y1: 0, y2: bottom, fill: "var(--grid)" }),
      Plot.ruleX([0], { stroke: "var(--ink)", strokeWidth: 1.5 }),
    ];
    const svg = cp.rowPlot(rows, width, { axis: "shift of the prior (prior standard deviations)", domain: [-range, range], under, labelShare: 0.5 });
    return {
      svg,
      legend: [
        { kind: "ring", colour: "var(--less)", label: "judgement alone" },
        { kind: "ring", colour: "var(--accent)", label: "evidence" },
        { kind: "dot", colour: "var(--accent)", label: "filled: confirmed by a new fit" },
      ],
    };
  };

  cp.figures["shares-of-variance"] = (width) => {
    const sorted = [...data.stress.global.shares].sort((a, b) => b.total.value - a.total.value).slice(0, 12);
    const rows = sorted.map((share) => ({
      label: share.parameter, value: 100 * share.total.value, low: 100 * share.total.low, high: 100 * share.total.high,
      first: 100 * Math.max(0, share.first_order.value), text: `${cp.signed(100 * share.total.value, 0).replace("+", "")}%`,
      colour: share.judgement_only ? "var(--less)" : "var(--accent)",
    }));
    const most = Math.max(10, ...rows.map((row) => row.high).filter(cp.finite));
    const under = (y) => [Plot.dot(rows, { x: "first", y, r: 5, stroke: "var(--prior)", fill: "var(--paper)", strokeWidth: 2 })];
    const svg = cp.rowPlot(rows, width, { axis: "share of the variance (%)", domain: [0, most * 1.05], under, labelShare: 0.45 });
    return {
      svg,
      legend: [
        { kind: "dot", colour: "var(--less)", label: "total, judgement alone" },
        { kind: "dot", colour: "var(--accent)", label: "total, evidence" },
        { kind: "ring", colour: "var(--prior)", label: "first-order" },
      ],
    };
  };
})();
