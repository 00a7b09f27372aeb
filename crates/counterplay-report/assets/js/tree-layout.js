// Which part of the game tree is open, and where each node stands.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { d3 = globalThis.d3 } = cp;
  const [COLUMN, ROW] = [240, 44];
  // The room for the name of the first event, in pixels; how many nodes stand open at first, and at most.
  const ROOM = 180;
  const FEW = 40;
  const MOST = 1500;

  // The hierarchy with a number for each node, the record's branches first; every node starts closed.
  function read(root) {
    const tree = d3.hierarchy({ node: root, branch: null }, (d) => d.node.branches.map((branch) => ({ node: branch.node, branch })).sort((a, b) => b.node.on_record - a.node.on_record));
    const nodes = [];
    tree.eachBefore((node) => nodes.push(node));
    nodes.forEach((node, id) => Object.assign(node, { id, all: node.children ?? null, children: undefined }));
    return tree;
  }

  const open = (node) => { node.children = node.all ?? undefined; };
  const close = (node) => { node.children = undefined; };

  function eachOfAll(node, visit) {
    const stack = [node];
    while (stack.length) {
      const next = stack.pop();
      visit(next);
      if (next.all) stack.push(...next.all);
    }
  }

  // Opens the record's path; a small tree opens wholly. Where the record leaves much unknown, the likeliest first.
  function openRecord(tree) {
    let total = 0;
    eachOfAll(tree, (node) => { total += 1; close(node); });
    if (total <= FEW) return eachOfAll(tree, open);
    let room = FEW;
    const queue = [tree];
    while (queue.length && room > 0) {
      queue.sort((a, b) => b.data.node.reach_probability - a.data.node.reach_probability);
      const node = queue.shift();
      if (!node.all) continue;
      open(node);
      room -= node.all.length;
      queue.push(...node.all.filter((child) => child.data.node.on_record));
    }
  }

  // Opens everything, nearest levels first, up to as many nodes as a browser draws with ease.
  function openAll(tree) {
    let shown = 1;
    const queue = [tree];
    for (let i = 0; i < queue.length && shown < MOST; i += 1) {
      if (!queue[i].all) continue;
      open(queue[i]);
      shown += queue[i].all.length;
      queue.push(...queue[i].all);
    }
    return shown;
  }

  // A tidy tree in which the first child stands level with its parent, so that the record's path is one straight
  // line: each further child is hung below its elder siblings' subtrees, as close as their outlines allow.
  function hang(node) {
    node.tops = [0];
    node.bottoms = [0];
    for (const child of node.children ?? []) {
      let shift = 0;
      for (let d = 0; d < child.tops.length && d + 1 < node.bottoms.length; d += 1) shift = Math.max(shift, node.bottoms[d + 1] + 1 - child.tops[d]);
      child.shift = shift;
      child.tops.forEach((top, d) => { node.tops[d + 1] ??= top + shift; });
      child.bottoms.forEach((bottom, d) => { node.bottoms[d + 1] = bottom + shift; });
    }
  }

  // Places the open nodes; returns them with the size of the drawing.
  function place(tree) {
    tree.eachAfter(hang);
    const left = 20 + Math.min(ROOM, cp.textWidth(tree.data.node.event || "", 12, 650));
    let last = 0;
    tree.eachBefore((node) => {
      node.row = node.parent ? node.parent.row + node.shift : 0;
      last = Math.max(last, node.row);
      [node.px, node.py] = [left + node.depth * COLUMN, 34 + node.row * ROW];
    });
    const nodes = tree.descendants();
    return { nodes, width: left + d3.max(nodes, (node) => node.depth) * COLUMN + 128, height: last * ROW + 68 };
  }

  cp.tree = { read, open, close, openRecord, openAll, place, eachOfAll, COLUMN, ROOM };
})();
