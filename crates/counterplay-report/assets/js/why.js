// Where the outcome was decided: the turning point along the path, and how responsible each event was.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;

  const turnedOut = ({ event, occurrence, action }) => `${occurrence > 1 ? `${event} #${occurrence}` : event}: ${action}`;

  cp.figures.turning_point = (width) => {
    const { start, steps, at } = data.turning_point;
    const points = [start, ...steps.map((step) => step.probability)].map((p, i) => ({ at: i, ...cp.inPercent(p) }));
    // The last probability holds on nearly as long as the others.
    const last = steps.length + 0.8;
    const held = [...points, { ...points[points.length - 1], at: last }];
    const marks = [
      Plot.gridY({ stroke: "var(--grid)", strokeOpacity: 1, ticks: 5 }),
      Plot.areaY(held, { x: "at", y1: "low", y2: "high", curve: "step-after", fill: "var(--accent-soft)" }),
      Plot.lineY(held, { x: "at", y: "value", curve: "step-after", stroke: "var(--accent)", strokeWidth: 2.25 }),
    ];
    if (at != null) {
      const left = at + 1 > points.length / 2;
      const lines = cp.wrap(`${at + 1} · ${turnedOut(steps[at])}`, Math.max(110, width * 0.38), 3);
      marks.push(
        Plot.ruleX([at + 1], { stroke: "var(--less)", strokeWidth: 2, strokeDasharray: "5 3" }),
        Plot.text([lines.join("\n")], { x: () => at + 1, frameAnchor: "top", lineAnchor: "bottom", textAnchor: left ? "end" : "start", dx: left ? 4 : -4, dy: -6, fontSize: 13, fontWeight: 600, fill: "var(--ink)", lineHeight: 1.2 }),
      );
    }
    const svg = Plot.plot({
      width, height: 340, marginTop: 62, marginLeft: 48, marginRight: 14, marginBottom: 44,
      style: { fontFamily: cp.FONT, fontSize: "12px", background: "none", color: "var(--ink)" },
      x: { domain: [0, last], label: "recorded events, by number", labelAnchor: "center", ticks: Math.min(points.length, width < 560 ? 8 : 20), tickFormat: "d" },
      y: { domain: [0, 100], label: "probability (%)", ticks: 5 },
      marks,
    });
    const legend = [
      { kind: "line", colour: "var(--accent)", label: "posterior mean" },
      { kind: "area", colour: "var(--accent)", label: "central 90%" },
    ];
    if (at != null) legend.push({ kind: "dashed", colour: "var(--less)", label: "the turning point" });
    return { svg, legend };
  };

  cp.figures.causes = (width) => {
    const rows = data.actual_causes.events
      .filter((event) => event.responsibility.mean >= 0.005)
      .map((event) => ({
        label: turnedOut(event), value: event.responsibility.mean, low: event.responsibility.low, high: event.responsibility.high,
        text: event.responsibility.mean.toFixed(2), colour: cp.playerColour(event.player), hollow: !event.recorded, player: event.player,
      }));
    if (!rows.length) return null;
    const svg = cp.rowPlot(rows, width, { axis: "mean degree of responsibility (0 to 1)", domain: [0, 1], labelShare: 0.42 });
    const legend = [...new Set(rows.map((row) => row.player))].map((player) => ({ kind: "dot", colour: cp.playerColour(player), label: player ?? "Chance" }));
    if (rows.some((row) => row.hollow)) legend.push({ kind: "ring", colour: "var(--soft)", label: "inferred, not recorded" });
    return { svg, legend };
  };
})();
