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

  // Paper has nothing to click: every part but the long table of the tree is printed open.
  const closed = new Set();
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open], .tree-outline)")) {
      closed.add(part);
      part.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
    closed.clear();
  });
})();
