// Puts the figures on the page, draws them again when their width changes, and saves them as SVG.
"use strict";
(() => {
  const cp = globalThis.Counterplay;
  const { element } = cp;

  // A symbol of the legend, 22 by 12.
  function symbol(kind, colour) {
    const svg = element("svg", { width: 22, height: 12, viewBox: "0 0 22 12", "aria-hidden": "true" });
    const shapes = {
      dot: () => element("circle", { cx: 11, cy: 6, r: 5, fill: colour }),
      ring: () => element("circle", { cx: 11, cy: 6, r: 4, fill: "none", stroke: colour, "stroke-width": 2 }),
      diamond: () => element("path", { d: "M11 0L17 6L11 12L5 6Z", fill: colour }),
      square: () => element("rect", { x: 6, y: 1, width: 10, height: 10, fill: colour }),
      line: () => element("line", { x1: 0, x2: 22, y1: 6, y2: 6, stroke: colour, "stroke-width": 2.5 }),
      dashed: () => element("line", { x1: 0, x2: 22, y1: 6, y2: 6, stroke: colour, "stroke-width": 2, "stroke-dasharray": "4 3" }),
      dotted: () => element("line", { x1: 0, x2: 22, y1: 6, y2: 6, stroke: colour, "stroke-width": 2, "stroke-dasharray": "1.5 3" }),
      area: () => element("rect", { x: 1, y: 1, width: 20, height: 10, fill: colour }),
    };
    svg.append(shapes[kind]());
    return svg;
  }

  function legendList(items) {
    return element("ul", { class: "legend" }, ...items.map((item) => element("li", {}, symbol(item.kind, item.colour), item.label)));
  }

  // Writes the colours that the page's style sheet gives into the copy, so that it stands alone.
  function settle(original, copy) {
    const style = getComputedStyle(original);
    for (const { name, value } of [...copy.attributes]) {
      if (!/var\(|currentColor/i.test(value)) continue;
      if (name === "style") copy.setAttribute(name, value.replace(/var\((--[\w-]+)\)/g, (_, v) => style.getPropertyValue(v).trim()));
      else copy.setAttribute(name, style.getPropertyValue(name) || style.color);
    }
    [...copy.children].forEach((child, i) => settle(original.children[i], child));
  }

  function textLines(lines, x, y, size, attributes) {
    const text = element("text", { x, y, "font-size": size, ...attributes });
    lines.forEach((line, i) => text.append(element("tspan", { x, dy: i ? size * 1.3 : 0 }, line)));
    return text;
  }

  // The figure with its title, its legend and its colours in one SVG, on light paper.
  function standalone(svg, title, note, legend) {
    const width = Math.max(Number(svg.getAttribute("width")), 320);
    const [ink, soft, paper] = ["--ink", "--soft", "--paper"].map((v) => getComputedStyle(document.documentElement).getPropertyValue(v).trim());
    const heading = title ? cp.wrap(title, width - 24, 3, 15, 650) : [];
    const remark = note ? cp.wrap(note, width - 24, 4, 12) : [];
    const top = 14 + heading.length * 20 + remark.length * 16 + 8;
    const keys = [];
    let [x, y] = [12, 0];
    for (const item of legend) {
      const room = 28 + cp.textWidth(item.label, 12) + 18;
      if (x + room > width && x > 12) [x, y] = [12, y + 20];
      keys.push({ item, x, y });
      x += room;
    }
    const below = top + Number(svg.getAttribute("height")) + 8;
    const height = below + (keys.length ? y + 28 : 4);
    const out = element("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "font-family": cp.FONT, fill: ink, color: ink });
    out.append(element("title", {}, title), element("desc", {}, note || title), element("rect", { width, height, fill: paper }));
    out.append(textLines(heading, 12, 24, 15, { "font-weight": 650 }), textLines(remark, 12, 24 + heading.length * 20, 12, { fill: soft }));
    const copy = svg.cloneNode(true);
    settle(svg, copy);
    copy.setAttribute("y", top);
    copy.setAttribute("overflow", "visible");
    out.append(copy);
    for (const key of keys) {
      const mark = symbol(key.item.kind, key.item.colour);
      document.body.append(mark);
      const settled = mark.cloneNode(true);
      settle(mark, settled);
      mark.remove();
      settled.setAttribute("x", key.x);
      settled.setAttribute("y", below + key.y);
      out.append(settled, element("text", { x: key.x + 28, y: below + key.y + 10, "font-size": 12, fill: soft }, key.item.label));
    }
    return new XMLSerializer().serializeToString(out);
  }

  function download(text, type, name) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const fileName = (part) => `${cp.data.case.name}-${part}`.replace(/[^\p{L}\p{N}._-]+/gu, "-");

  // A drawing as SVG text, always in the light colours.
  function save(figure) {
    const root = document.documentElement;
    const { svg, legend, title, note } = figure.drawing;
    root.dataset.theme = "light";
    const text = standalone(svg, title, note, legend);
    delete root.dataset.theme;
    return text;
  }

  // A figure that cannot be drawn must not take the others with it; its numbers stand in the tables anyway.
  function attempt(figure, width) {
    try {
      return cp.figures[figure.dataset.figure](width, Number(figure.dataset.index), figure);
    } catch (error) {
      console.error(`the figure ${figure.id} could not be drawn`, error);
      figure.querySelector(".canvas").replaceChildren(element("p", { class: "no-script" }, "This figure could not be drawn. Its numbers are in the tables of this page."));
      return null;
    }
  }

  // Draws all figures again, at once, for a page of another width.
  function redraw() {
    for (const figure of document.querySelectorAll("figure[data-figure]")) draw(figure, figure.querySelector(".canvas"));
  }

  // Draws one figure into its place; a drawing is `{ svg, legend, title?, note? }`.
  function draw(figure, canvas) {
    const width = Math.floor(canvas.clientWidth);
    if (!width || Math.abs(width - (figure.drawnWidth ?? 0)) < 4) return;
    figure.drawnWidth = width;
    const title = figure.querySelector(".figure-title")?.textContent || "";
    const note = figure.querySelector(".figure-note")?.textContent || "";
    const drawing = attempt(figure, width);
    if (!drawing) return;
    figure.drawing = { title, note, legend: [], ...drawing };
    const { svg, box, legend } = figure.drawing;
    if (!svg.getAttribute("role")) {
      // One image with one description; the names of its layers would only be noise.
      svg.setAttribute("role", "img");
      for (const layer of svg.querySelectorAll("g[aria-label]")) layer.removeAttribute("aria-label");
    }
    svg.setAttribute("aria-label", [figure.drawing.title, figure.drawing.note].filter(Boolean).join(". "));
    canvas.replaceChildren(box || svg);
    if (legend.length && !figure.dataset.bare) canvas.append(legendList(legend));
  }

  function mount(figure) {
    const canvas = figure.querySelector(".canvas");
    const button = element("button", { type: "button", class: "save" }, "Save as SVG");
    const part = `${figure.dataset.figure}-${Number(figure.dataset.index) + 1}`;
    button.addEventListener("click", () => figure.drawing && download(save(figure), "image/svg+xml", fileName(`${part}.svg`)));
    figure.querySelector("figcaption").append(button);
    draw(figure, canvas);
    button.setAttribute("aria-label", `Save as SVG: ${figure.drawing?.title || part}`);
    new ResizeObserver(() => requestAnimationFrame(() => draw(figure, canvas))).observe(canvas);
  }

  Object.assign(cp, { mount, redraw, save, download, fileName, legendList });
})();
