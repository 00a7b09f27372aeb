// The path of the outcome's probability, step by step, downwards.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;

  function stepRow(step, index) {
    const event = step.occurrence > 1 ? `${step.event} #${step.occurrence}` : step.event;
    return { label: `${index + 1} · ${event}: ${step.action}`, ...cp.inPercent(step.about_probability), colour: cp.playerColour(step.player), hollow: !step.recorded };
  }

  cp.figures.path = (width) => {
    const before = cp.outcomeIn(data.prior_prediction, data.case.about);
    const rows = data.timeline.map(stepRow);
    if (before) rows.unshift({ label: "before any record", ...cp.inPercent(before), colour: "var(--prior)", symbol: "square" });
    const under = (y) => [Plot.line(rows, { x: "value", y, stroke: "var(--soft)", strokeWidth: 1.25 })];
    const svg = cp.rowPlot(rows, width, { axis: `probability of “${cp.about}” (%), after each step`, domain: [0, 100], under, labelShare: 0.42 });
    const players = [...new Set(data.timeline.map((step) => step.player))];
    const legend = players.map((player) => ({ kind: "dot", colour: cp.playerColour(player), label: player ?? "Chance" }));
    if (data.timeline.some((step) => !step.recorded)) legend.push({ kind: "ring", colour: "var(--soft)", label: "inferred, not recorded" });
    return { svg, legend };
  };
})();
