// Brings the page to life: figures, the download of the data, and what has to open by itself.
"use strict";
(() => {
  const cp = globalThis.Counterplay;

  for (const figure of document.querySelectorAll("figure[data-figure]")) cp.mount(figure);

  const button = cp.element("button", { type: "button" }, "Save the data as JSON");
  button.addEventListener("click", () => cp.download(JSON.stringify(cp.data, null, 1), "application/json", cp.fileName("analysis.json")));
  document.getElementById("download").append(button);

  // A link to something inside a closed part opens it.
  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView();
  }
  addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();

  // A table that is wider than its box says so.
  const hint = new ResizeObserver((entries) => {
    for (const { target } of entries) target.classList.toggle("wide", target.scrollWidth > target.clientWidth + 1);
  });
  for (const box of document.querySelectorAll(".scroll")) hint.observe(box);

  // Figures are drawn for the width of the paper, so that their text keeps its size.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.paper = "";
    cp.redraw();
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset.paper;
    cp.redraw();
  });
})();
