// The data of the page and the small things that every figure needs.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("analysis").textContent);
  const finite = (x) => typeof x === "number" && Number.isFinite(x);

  // The same rounding as the tables (number.rs): no digits that the simulation cannot vouch for.
  function percent(probability, error = 0) {
    if (!finite(probability)) return "n/a";
    if (probability <= 0) return "0%";
    if (probability >= 1) return "100%";
    const points = 100 * probability;
    const e = 100 * error;
    const [step, decimals] = e < 0.1 ? [0.1, 1] : e < 2.5 ? [1, 0] : [5, 0];
    if (points < step / 2) return `<${step.toFixed(decimals)}%`;
    if (points > 100 - step / 2) return `>${(100 - step).toFixed(decimals)}%`;
    const whole = Math.abs(points - Math.round(points)) < 1e-9;
    return `${step === 5 ? "≈" : ""}${(step * Math.round(points / step)).toFixed(whole ? 0 : decimals)}%`;
  }

  // A probability that no simulation made: whole percents, one decimal below one.
  const odds = (p) => percent(p, p < 0.01 ? 0 : 0.004);

  function points(change, error = 0) {
    if (!finite(change)) return "n/a";
    const size = Math.abs(100 * change);
    const e = 100 * error;
    const whole = e >= 0.1 || Math.abs(size - Math.round(size)) < 1e-9;
    const text = e >= 2.5 ? String(5 * Math.round(size / 5)) : size.toFixed(whole ? 0 : 1);
    return `${e >= 2.5 ? "≈" : ""}${Number(text) === 0 ? "" : change < 0 ? "−" : "+"}${text}`;
  }

  // A quantity: rounded by its error, or to three digits (number.rs).
  function quantity(value, error = 0) {
    if (!finite(value)) return "n/a";
    const size = Math.abs(value);
    const least = size ? Math.floor(Math.log10(size)) : 0;
    if (size && size >= error && (size < 1e-4 || size >= 1e7)) {
      const raised = [...String(least)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
      return `${(value / 10 ** least).toFixed(1).replace("-", "−")}×10${raised}`;
    }
    const wanted = error > 0 ? -Math.floor(Math.log10(error)) : 2 - least;
    const decimals = Math.max(0, Math.min(6, wanted, size ? 5 - least : 6));
    const text = value.toFixed(decimals);
    const short = error > 0 || Number(text) !== value ? text : String(Number(text));
    return Number(short) === 0 ? short.replace("-", "") : short.replace("-", "−");
  }

  // This number of decimals with a sign, and none before a zero.
  function signed(value, decimals) {
    const text = Math.abs(value).toFixed(decimals);
    return `${Number(text) === 0 ? "" : value < 0 ? "−" : "+"}${text}`;
  }

  // By their places; in the order of the scenario where these are the same, or there are none.
  const byRank = (a, b) => (a.rank && b.rank ? a.rank.first - b.rank.first || a.rank.last - b.rank.last : 0);

  const outcomeIn = (world, of) =>
    world.outcomes.find((o) => o.outcome === of.outcome)?.values.find(([value]) => value === of.value)?.[1];

  function playerColour(player) {
    const index = data.case.players.indexOf(player);
    return index < 0 ? "var(--chance)" : `var(--player-${index % 8})`;
  }

  // An SVG or HTML element with attributes; children are nodes or text, never markup.
  function element(name, attributes = {}, ...children) {
    const svg = ["svg", "g", "path", "circle", "rect", "line", "text", "tspan", "title", "desc"].includes(name);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value != null) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const pen = document.createElement("canvas").getContext("2d");
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

  function textWidth(text, size = 13, weight = 400) {
    pen.font = `${weight} ${size}px ${FONT}`;
    return pen.measureText(text).width;
  }

  function shorten(text, width, size = 13, weight = 400) {
    if (textWidth(text, size, weight) <= width) return text;
    let end = text.length;
    while (end > 1 && textWidth(`${text.slice(0, end)}…`, size, weight) > width) end -= 1;
    return `${text.slice(0, end).trimEnd()}…`;
  }

  // Breaks text into at most `most` lines of a width in pixels; the last line is shortened if it must be.
  function wrap(text, width, most = 2, size = 13, weight = 400) {
    const lines = [];
    let line = "";
    for (const word of String(text).split(/\s+/)) {
      const longer = line ? `${line} ${word}` : word;
      if (line && textWidth(longer, size, weight) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
    const kept = lines.slice(0, most);
    if (lines.length > most) kept[most - 1] = lines.slice(most - 1).join(" ");
    return kept.map((l) => shorten(l, width, size, weight));
  }

  const about = `${data.case.about.outcome}: ${data.case.about.value}`;
  globalThis.Counterplay = {
    data, about, byRank, finite, percent, odds, points, quantity, signed, outcomeIn, playerColour, element, textWidth, shorten, wrap, FONT, figures: {},
  };
})();
