/* Two panes with a divider that mouse, touch and keyboard move; the place is remembered per key. */

const SMALLEST = 25;
const LARGEST = 75;
const STEP = 3;

function remembered(key) {
  try { return Number(localStorage.getItem(key)) || 0; } catch { return 0; }
}

function remember(key, share) {
  try { localStorage.setItem(key, String(share)); } catch { /* private mode: not remembered */ }
}

function makeDivider(left) {
  const divider = document.createElement("div");
  divider.className = "split__divider";
  divider.tabIndex = 0;
  divider.setAttribute("role", "separator");
  divider.setAttribute("aria-orientation", "vertical");
  divider.setAttribute("aria-valuemin", String(SMALLEST));
  divider.setAttribute("aria-valuemax", String(LARGEST));
  const spanish = document.documentElement.lang.startsWith("es");
  divider.setAttribute("aria-label", spanish ? "Ancho de los paneles" : "Width of the two panes");
  if (left.id) divider.setAttribute("aria-controls", left.id);
  return divider;
}

function wire(split) {
  const left = split.querySelector(".split__pane--left");
  if (!left || split.querySelector(".split__divider")) return;
  const key = `split:${split.dataset.split || "page"}`;
  const divider = makeDivider(left);
  let share = 55;
  const set = (value, keep) => {
    share = Math.round(Math.min(LARGEST, Math.max(SMALLEST, value)));
    split.style.setProperty("--split-left", `${share}fr`);
    split.style.setProperty("--split-right", `${100 - share}fr`);
    divider.setAttribute("aria-valuenow", String(share));
    if (keep) remember(key, share);
  };
  set(remembered(key) || share, false);
  left.after(divider);
  divider.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: share - STEP, ArrowRight: share + STEP, Home: SMALLEST, End: LARGEST };
    if (!(event.key in moves)) return;
    event.preventDefault();
    set(moves[event.key], true);
  });
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const box = split.getBoundingClientRect();
    set(((event.clientX - box.left) / box.width) * 100, false);
  });
  divider.addEventListener("pointerup", () => remember(key, share));
}

/* Focusing a criterion marks the answers it judges and scrolls their pane to the first of them. */
function showJudged(split, code) {
  let first = null;
  for (const answer of split.querySelectorAll("[data-criterion-answer]")) {
    const judged = answer.dataset.criterionAnswer.split(/\s+/).includes(code);
    answer.classList.toggle("answer--judged", judged);
    if (judged && !first) first = answer;
  }
  const pane = first && first.closest(".split__pane");
  if (!pane || pane.scrollHeight <= pane.clientHeight) return;
  const offset = first.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  pane.scrollTop += offset - 16;
}

for (const split of document.querySelectorAll("[data-split]")) {
  wire(split);
  let shown = "";
  split.addEventListener("focusin", (event) => {
    const criterion = event.target.closest("[data-criterion]");
    if (!criterion || criterion.dataset.criterion === shown) return;
    shown = criterion.dataset.criterion;
    showJudged(split, shown);
  });
}
