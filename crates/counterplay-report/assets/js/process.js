// How a process goes on: fans of numbers, and probabilities of other values, stage by stage.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;
  // Where the colours repeat, another dash.
  const dash = (i) => (i === 0 ? null : i < 8 ? "5 3" : "1.5 3");
  const colour = (i) => `var(--player-${i % 8})`;

  // No more ticks than steps between stages: a tick between two stages would say nothing.
  const ticks = (width) => {
    const steps = Math.max(...data.process.series[0].outcomes.map((o) => o.points.length - 2));
    return Math.max(1, Math.min(steps, width < 560 ? 6 : 12));
  };

  function plot(width, y, marks) {
    return Plot.plot({
      width, height: 320, marginLeft: 52, marginRight: 14, marginBottom: 44,
      style: { fontFamily: cp.FONT, fontSize: "12px", background: "none", color: "var(--ink)" },
      x: { label: data.process.stages.length === 1 ? `${data.process.stages[0]}, counted from the beginning` : "stages handed over", labelAnchor: "center", tickFormat: "d", ticks: ticks(width) },
      y,
      marks: [Plot.gridY({ stroke: "var(--grid)", strokeOpacity: 1, ticks: 5 }), ...marks],
    });
  }

  const worlds = () => data.process.series.map((world, i) => ({ kind: i === 0 ? "line" : i < 8 ? "dashed" : "dotted", colour: colour(i), label: world.what_if ?? "as it was" }));

  function fan(width, index, name) {
    const of = (world) => world.outcomes[index].points.filter((p) => p.quantiles && p.mean);
    const factual = of(data.process.series[0]).map((p) => ({ stage: p.stage, q: p.quantiles }));
    if (!factual.length) return null;
    const band = (low, high) => Plot.areaY(factual, { x: "stage", y1: (p) => p.q[low], y2: (p) => p.q[high], fill: "var(--accent-soft)" });
    const lines = data.process.series.map((world, i) =>
      Plot.lineY(of(world), { x: "stage", y: (p) => p.mean.mean, stroke: colour(i), strokeWidth: i ? 1.75 : 2.5, strokeDasharray: dash(i) }));
    const svg = plot(width, { label: name, ticks: 5 }, [band(0, 4), band(1, 3), ...lines]);
    return { svg, legend: worlds() };
  }

  function shares(width, index) {
    const points = data.process.series[0].outcomes[index].points;
    const values = [...new Set(points.flatMap((p) => p.values.map(([value]) => value)))].slice(0, 8);
    const of = (value) => points.map((p) => ({ stage: p.stage, share: 100 * (p.values.find(([v]) => v === value)?.[1] ?? 0) }));
    const lines = values.map((value, i) => Plot.lineY(of(value), { x: "stage", y: "share", stroke: colour(i), strokeWidth: 2.25 }));
    const svg = plot(width, { domain: [0, 100], label: "probability (%)", ticks: 5 }, lines);
    return { svg, legend: values.map((value, i) => ({ kind: "line", colour: colour(i), label: value })) };
  }

  // What is true or false: how likely it is to be true, in every world.
  function truth(width, index) {
    const share = (p) => 100 * (p.values.find(([v]) => v === "True")?.[1] ?? 0);
    const lines = data.process.series.map((world, i) =>
      Plot.lineY(world.outcomes[index].points.filter((p) => p.stated > 0), { x: "stage", y: share, stroke: colour(i), strokeWidth: i ? 1.75 : 2.5, strokeDasharray: dash(i) }));
    const svg = plot(width, { domain: [0, 100], label: "probability (%)", ticks: 5 }, lines);
    return { svg, legend: worlds() };
  }

  cp.figures.process = (width, index) => {
    const outcome = data.process.series[0].outcomes[index];
    if (data.process.series[0].first_true.some((f) => f.outcome === outcome.outcome)) return truth(width, index);
    return outcome.numeric ? fan(width, index, outcome.outcome) : shares(width, index);
  };
})();
