// Draws the game tree: opened by click or keys, described node by node beneath.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { data, element } = cp;
  // Links turn this far behind a node, beyond the number at its right.
  const STUB = 60;

  const chance = (node) => !node.data.node.player;
  const colour = (node) => (node.data.node.event ? cp.playerColour(node.data.node.player) : "var(--soft)");
  const ended = (node) => !node.data.node.event;
  const closed = (node) => node.all && !node.children;

  // The value of the outcome asked about, or the first one, at an end.
  function ending(node) {
    const { outcomes } = node.data.node;
    const own = outcomes.find((o) => o.outcome === data.case.about.outcome) ?? outcomes[0];
    return own ? `${own.outcome}: ${own.value}` : "";
  }

  function describe(node) {
    const { node: here, branch } = node.data;
    const parts = [];
    if (branch) parts.push(`${branch.action} ${cp.odds(branch.probability)}`);
    parts.push(here.event ? `${here.event}, decided by ${here.player ?? "chance"}` : here.outcomes.map((o) => `${o.outcome}: ${o.value}`).join("; ") || "further play, not drawn");
    parts.push(`reached with ${cp.odds(here.reach_probability)}`, `${cp.about}: ${cp.odds(here.about_probability)}`);
    if (here.histories > 1) parts.push(`${here.histories.toLocaleString("en")} histories`);
    if (here.on_record) parts.push("on the record");
    return parts.join("; ");
  }

  function details(node) {
    const { node: here } = node.data;
    const path = node.ancestors().reverse().slice(1).map((n) => n.data.branch.action).join(" → ") || "the beginning";
    const payoffs = here.payoffs.map((p, i) => `${data.case.players[i] ?? "?"} ${cp.quantity(p)}`).join(", ");
    return [
      element("p", {}, element("b", {}, path)),
      element("p", {}, describe(node)),
      element("p", { class: "soft" }, payoffs ? `Expected payoffs from here: ${payoffs}` : ""),
    ];
  }

  // Links that run level before each node, so that the label has a line to stand on.
  function link(node) {
    const { parent } = node;
    const turn = parent.px + STUB;
    const d = `M${parent.px},${parent.py}H${turn}V${node.py}H${node.px}`;
    const { on_record: recorded } = node.data.node;
    const width = 1 + 4 * Math.sqrt(Math.max(0, node.data.branch.probability || 0));
    return element("path", { d, fill: "none", "stroke-linejoin": "round", stroke: recorded ? "var(--ink)" : "var(--line)", "stroke-width": recorded ? Math.max(2.5, width) : width });
  }

  function mark(node) {
    const { px, py } = node;
    const own = { class: "mark", fill: closed(node) || node.children ? colour(node) : "var(--paper)", stroke: colour(node), "stroke-width": 2 };
    if (ended(node)) return element("rect", { ...own, x: px - 4, y: py - 4, width: 8, height: 8, fill: colour(node), "fill-opacity": node.data.node.about_probability || 0 });
    if (chance(node)) return element("path", { ...own, d: `M${px} ${py - 8}L${px + 8} ${py}L${px} ${py + 8}L${px - 8} ${py}Z` });
    return element("circle", { ...own, cx: px, cy: py, r: 7 });
  }

  function label(x, y, text, attributes) {
    return element("text", { x, y, "font-size": 12, stroke: "var(--paper)", "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke", ...attributes }, text);
  }

  function nodeGroup(node, current) {
    const { px, py } = node;
    const { node: here, branch } = node.data;
    const group = element("g", {
      role: "treeitem", "aria-level": node.depth + 1, "aria-label": describe(node), "aria-expanded": node.all ? String(Boolean(node.children)) : null, tabindex: node === current ? 0 : -1,
    });
    const room = cp.tree.COLUMN - STUB - 16;
    group.append(element("rect", { class: "halo", x: px - room - 4, y: py - 19, width: room + 18, height: 38, rx: 4, fill: "var(--accent-soft)", opacity: 0 }));
    if (branch) {
      const odds = ` ${cp.odds(branch.probability)}`;
      const name = cp.shorten(branch.action, room - cp.textWidth(odds, 12, 650), 12);
      const text = label(px - 12, py - 6, name, { "text-anchor": "end", fill: "var(--ink)" });
      text.append(element("tspan", { "font-weight": 650 }, odds));
      group.append(text);
    }
    const what = ended(node) ? ending(node) : here.event;
    const below = branch ? { x: px - 12, y: py + 15, "text-anchor": "end" } : { x: px - 12, y: py + 4, "text-anchor": "end" };
    group.append(label(below.x, below.y, cp.shorten(what, branch ? room : cp.tree.ROOM, 12), { "text-anchor": "end", fill: ended(node) ? "var(--soft)" : colour(node), "font-weight": ended(node) ? 400 : 650 }));
    group.append(mark(node));
    if (!node.children) {
      const more = node.all ? " ▸" : here.histories > 1 ? " …" : "";
      group.append(label(px + 12, py + 4, cp.odds(here.about_probability) + more, { fill: "var(--ink)", "font-weight": 650 }));
    }
    return group;
  }

  function render(view) {
    const { nodes, width, height } = cp.tree.place(view.tree);
    const { svg } = view;
    for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) svg.setAttribute(key, value);
    if (!nodes.includes(view.current)) view.current = view.tree;
    const links = nodes.slice(1).sort((a, b) => a.data.node.on_record - b.data.node.on_record).map(link);
    view.groups = new Map(nodes.map((node) => [node, nodeGroup(node, view.current)]));
    svg.replaceChildren(...links, ...view.groups.values());
    for (const [node, group] of view.groups) {
      group.addEventListener("click", () => toggle(view, node));
      group.addEventListener("focus", () => select(view, node));
      group.addEventListener("mouseenter", () => view.detail.replaceChildren(...details(node)));
    }
    view.nodes = nodes;
  }

  function select(view, node) {
    view.groups.get(view.current)?.setAttribute("tabindex", -1);
    view.current = node;
    view.groups.get(node).setAttribute("tabindex", 0);
    view.detail.replaceChildren(...details(node));
  }

  function focus(view, node) {
    const group = view.groups.get(node);
    group.focus({ preventScroll: true });
    const box = view.scroller;
    const [x, y] = [node.px, node.py];
    if (x - 190 < box.scrollLeft || x + 90 > box.scrollLeft + box.clientWidth) box.scrollLeft = x - box.clientWidth / 2;
    if (y - 30 < box.scrollTop || y + 30 > box.scrollTop + box.clientHeight) box.scrollTop = y - box.clientHeight / 2;
  }

  // Opens or closes a node and keeps it where it was on the screen.
  function toggle(view, node) {
    const [x, y] = [node.px, node.py];
    if (node.all) (node.children ? cp.tree.close : cp.tree.open)(node);
    view.current = node;
    render(view);
    view.scroller.scrollLeft += node.px - x;
    view.scroller.scrollTop += node.py - y;
    focus(view, node);
  }

  function onKey(view, event) {
    const node = view.current;
    const line = [...view.nodes].sort((a, b) => a.id - b.id);
    const at = line.indexOf(node);
    const moves = {
      ArrowDown: () => line[at + 1], ArrowUp: () => line[at - 1], Home: () => line[0], End: () => line.at(-1),
      ArrowRight: () => (closed(node) ? toggle(view, node) : node.children?.[0]),
      ArrowLeft: () => (node.children ? toggle(view, node) : node.parent),
      Enter: () => toggle(view, node), " ": () => toggle(view, node),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    const next = moves[event.key]();
    if (next) focus(view, next);
  }

  function tools(view) {
    const button = (text, act) => {
      const b = element("button", { type: "button" }, text);
      b.addEventListener("click", () => { act(); render(view); start(view); });
      return b;
    };
    return element("div", { class: "tree-tools" },
      button("The record’s path", () => cp.tree.openRecord(view.tree)),
      button("Open everything", () => cp.tree.openAll(view.tree)),
      button("Close everything", () => cp.tree.eachOfAll(view.tree, cp.tree.close)));
  }

  function start(view) {
    view.scroller.scrollTop = 0;
    view.scroller.scrollLeft = 0;
  }

  function build() {
    const view = { tree: cp.tree.read(data.tree), svg: element("svg", { role: "tree", "font-family": cp.FONT }) };
    view.current = view.tree;
    view.scroller = element("div", { class: "tree-box" }, view.svg);
    view.detail = element("div", { class: "tree-detail", "aria-live": "polite" });
    view.box = element("div", {}, tools(view), view.scroller, view.detail);
    cp.tree.openRecord(view.tree);
    render(view);
    view.detail.replaceChildren(...details(view.tree));
    view.svg.addEventListener("keydown", (event) => onKey(view, event));
    requestAnimationFrame(() => start(view));
    return view;
  }

  // The tree does not depend on the width, so it is built once and keeps what the reader opened.
  let view = null;
  cp.figures.tree = () => {
    view ??= build();
    const players = data.case.players.map((player) => ({ kind: "dot", colour: cp.playerColour(player), label: player }));
    return {
      svg: view.svg, box: view.box,
      legend: [...players, { kind: "diamond", colour: "var(--chance)", label: "Chance" }, { kind: "square", colour: "var(--soft)", label: "an end (filled: with the outcome asked about)" }, { kind: "line", colour: "var(--ink)", label: "the record’s path" }],
    };
  };
})();
