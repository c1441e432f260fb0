/* On a phone one pane is shown at a time; each keeps its place. Links into a pane show it first. */

const SMALL = "(max-width: 56.24em)";

export function wirePanes(bar) {
  const split = document.querySelector("[data-split]");
  if (!split) return;
  const small = matchMedia(SMALL);
  const panes = { left: split.querySelector(".split__pane--left"), right: split.querySelector(".split__pane--right") };
  const places = { left: null, right: null };
  let shown = "left";

  const mark = () => {
    split.dataset.shown = shown;
    for (const link of bar.querySelectorAll("[data-pane]")) {
      if (link.dataset.pane === shown) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const show = (which, keep) => {
    if (which === shown) return;
    places[shown] = window.scrollY;
    shown = which;
    mark();
    if (keep) window.scrollTo({ top: places[which] ?? split.offsetTop, behavior: "instant" });
  };

  bar.addEventListener("click", (event) => {
    const link = event.target.closest("[data-pane]");
    if (!link || !small.matches) return;
    event.preventDefault();
    show(link.dataset.pane, true);
    panes[shown].focus({ preventScroll: true });
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || link.dataset.pane || !small.matches) return;
    const target = document.getElementById(link.hash.slice(1));
    const home = target && Object.keys(panes).find((key) => panes[key]?.contains(target));
    if (home) show(home, false);
  }, true);

  if (location.hash) {
    const target = document.getElementById(location.hash.slice(1));
    if (target && panes.right.contains(target)) shown = "right";
  }
  if (document.querySelector("[data-error-summary]")) shown = "right";
  mark();
}
