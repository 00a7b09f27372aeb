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
    const start = data.timeline_start;
    const rows = data.timeline.map(stepRow);
    if (start) rows.unshift({ label: "before the first step", ...cp.inPercent(start), colour: "var(--soft)" });
    // What the record taught of the numbers is no step, so that the line begins after it.
    const line = [...rows];
    if (before) rows.unshift({ label: "before any record", ...cp.inPercent(before), colour: "var(--prior)", symbol: "square" });
    const under = (y) => [Plot.line(line, { x: "value", y, stroke: "var(--soft)", strokeWidth: 1.25 })];
    const svg = cp.rowPlot(rows, width, { axis: `probability of “${cp.about}” (%), after each step`, domain: [0, 100], under, labelShare: 0.42 });
    const players = [...new Set(data.timeline.map((step) => step.player))];
    const legend = players.map((player) => ({ kind: "dot", colour: cp.playerColour(player), label: player ?? "Chance" }));
    if (before) legend.push({ kind: "square", colour: "var(--prior)", label: "numbers as before any record" });
    if (data.timeline.some((step) => !step.recorded)) legend.push({ kind: "ring", colour: "var(--soft)", label: "inferred, not recorded" });
    return { svg, legend };
  };
})();
