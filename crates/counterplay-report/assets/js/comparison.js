// Evidence by explanation, and answers by explanation and by variant.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, Plot = globalThis.Plot } = cp;
  const names = (all) => {
    const short = all.map((name, i) => {
      const head = name.split(":")[0];
      return name.includes(":") && head && head.length <= 12 ? head : name.length <= 12 ? name : `E${i + 1}`;
    });
    return short.map((name, i) => (short.filter((other) => other === name).length > 1 ? `E${i + 1}` : name));
  };

  // One cell for each item and explanation, darker the less likely it makes the item.
  cp.figures.evidence = (width) => {
    const short = names(data.comparison.explanations.map((a) => a.name));
    const rows = data.comparison.evidence.map((item) => ({ label: item.name, text: "" }));
    const decibels = (l) => (l > 0 ? 10 * Math.log10(l) : -Infinity);
    const cells = data.comparison.evidence.flatMap((item, i) =>
      item.likelihoods.map((l, k) => ({ row: i, explanation: short[k], value: Math.max(-20, decibels(l)), text: l > 0 ? cp.signed(decibels(l), 1) : "no" })));
    const left = Math.min(width * 0.4, 30 + Math.max(60, ...rows.map((r) => cp.textWidth(r.label))));
    const labels = rows.map((r) => cp.wrap(r.label, left - 16, 3).join("\n"));
    const svg = Plot.plot({
      width, height: 76 + 52 * rows.length, marginLeft: left, marginTop: 30, marginBottom: 44,
      style: { fontFamily: cp.FONT, fontSize: "12px", background: "none", color: "var(--ink)" },
      x: { domain: short, label: "explanation", labelAnchor: "center", labelOffset: 40, tickSize: 0 },
      y: { domain: rows.map((_, i) => i), label: null, tickSize: 0, tickFormat: (i) => labels[i] },
      opacity: { domain: [0, -20], range: [0, 0.8], label: "decibels" },
      marks: [
        Plot.cell(cells, { x: "explanation", y: "row", fill: "var(--accent)", fillOpacity: (d) => -d.value / 25, stroke: "var(--line)", inset: 1 }),
        Plot.text(cells, { x: "explanation", y: "row", text: "text", fontSize: 13, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 3 }),
      ],
    });
    return { svg, legend: [{ kind: "area", colour: "var(--accent)", label: "darker: less likely under this explanation (dB)" }] };
  };

  const base = (name) => 100 * (data.answers.find((a) => a.name === name)?.about_probability.mean ?? NaN);

  cp.figures["by-explanation"] = (width) => {
    const { explanations, answers } = data.comparison;
    const short = names(explanations.map((a) => a.name));
    const rows = answers.map((a) => ({ label: a.name, value: 100 * a.about_probability.mean, low: 100 * a.about_probability.low, high: 100 * a.about_probability.high, symbol: "diamond", text: cp.odds(a.about_probability.mean) }));
    const each = answers.flatMap((a, i) => a.each.map((e, k) => ({ row: rows[i], value: 100 * e.mean, size: explanations[k].posterior.value, title: `${short[k]}: ${cp.odds(e.mean)}` })));
    const over = (y) => [
      Plot.dot(each, { x: "value", y: (d) => y(d.row), r: (d) => 2 + 5 * Math.sqrt(d.size), fill: "var(--less)", fillOpacity: 0.55, title: "title" }),
      Plot.dot(rows, { x: (r) => base(r.label), y, r: 6, stroke: "var(--prior)", strokeWidth: 2 }),
    ];
    const svg = cp.rowPlot(rows, width, { axis: `probability of “${data.case.about.outcome}: ${data.case.about.value}” (%)`, domain: [0, 100], over });
    return { svg, legend: [{ kind: "diamond", colour: "var(--accent)", label: "averaged, with its 90% interval" }, { kind: "dot", colour: "var(--less)", label: "under one explanation" }, { kind: "ring", colour: "var(--prior)", label: "as it stands" }] };
  };

  cp.figures.variants = (width) => {
    const colours = data.variants.run.map((_, k) => `var(--player-${k % 8})`);
    const rows = data.answers.map((a) => ({ label: a.name, value: 100 * a.about_probability.mean, colour: "var(--prior)", hollow: true, text: "" }));
    const each = rows.flatMap((row) => data.variants.run.flatMap((v, k) => v.answers.filter((a) => a.name === row.label)
      .map((a) => ({ row, value: 100 * a.about_probability.mean, colour: colours[k], title: `${v.name}: ${cp.odds(a.about_probability.mean)}` }))));
    const over = (y) => [Plot.dot(each, { x: "value", y: (d) => y(d.row), r: 4.5, fill: "colour", fillOpacity: 0.8, title: "title" })];
    const svg = cp.rowPlot(rows, width, { axis: `probability of “${data.case.about.outcome}: ${data.case.about.value}” (%)`, domain: [0, 100], over });
    return { svg, legend: [{ kind: "ring", colour: "var(--prior)", label: "as it stands" }, ...data.variants.run.map((v, k) => ({ kind: "dot", colour: colours[k], label: v.name }))] };
  };
})();
