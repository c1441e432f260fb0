/* Search in the text of the application: every place is marked, Enter goes from one to the next. */

const MOST = 500;
const SMALLEST = 2;

function textNodes(pane) {
  const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => (node.parentElement.closest("form, dialog, script") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
  });
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/** Ranges of `words` in the pane; a place may run over several text nodes of one paragraph. */
function places(pane, words) {
  const found = [];
  let text = "";
  const starts = [];
  let last = null;
  for (const node of textNodes(pane)) {
    const home = node.parentElement.closest("p, dd, dt, td, th, h2, h3, li, blockquote");
    if (home !== last) text += "\n";
    last = home;
    starts.push([text.length, node]);
    text += node.data.toLowerCase();
  }
  const at = (offset, end) => {
    let low = 0;
    for (let i = 0; i < starts.length && (end ? starts[i][0] < offset : starts[i][0] <= offset); i += 1) low = i;
    const [start, node] = starts[low];
    return [node, Math.min(offset - start, node.length)];
  };
  const wanted = words.toLowerCase();
  for (let i = text.indexOf(wanted); i >= 0 && found.length < MOST; i = text.indexOf(wanted, i + wanted.length)) {
    const range = document.createRange();
    range.setStart(...at(i, false));
    range.setEnd(...at(i + wanted.length, true));
    found.push(range);
  }
  return found;
}

function paint(name, ranges) {
  if (!globalThis.CSS?.highlights) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

export function wireFind(form) {
  const pane = form.closest(".split__pane");
  const field = form.querySelector("input");
  const state = form.querySelector("[data-find-state]");
  let found = [];
  let current = -1;

  const show = (step) => {
    current = found.length ? (current + step + found.length) % found.length : -1;
    paint("found-now", current < 0 ? [] : [found[current]]);
    if (current < 0) state.textContent = field.value.trim().length < SMALLEST ? "" : state.dataset.none;
    else state.textContent = state.dataset.many.replace("%(at)s", current + 1).replace("%(all)s", found.length);
    if (current < 0) return;
    const box = found[current].getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const scrolls = pane.scrollHeight > pane.clientHeight + 1 && getComputedStyle(pane).overflowY !== "visible";
    const behavior = "instant"; // a gliding scroll is stopped by the next letter typed
    if (scrolls) pane.scrollBy({ top: box.top - frame.top - pane.clientHeight / 3, behavior });
    else window.scrollBy({ top: box.top - window.innerHeight / 3, behavior });
  };

  const search = () => {
    const words = field.value.trim();
    found = words.length < SMALLEST ? [] : places(pane, words);
    paint("found", found);
    current = -1;
    show(1);
  };

  form.hidden = false;
  field.addEventListener("input", search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(1);
  });
  for (const button of form.querySelectorAll("[data-find-step]")) {
    button.addEventListener("click", () => show(Number(button.dataset.findStep)));
  }
}
