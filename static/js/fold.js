// Opens the folded part that a link on the page leads to, or that holds what it leads to.

function openTarget() {
  const name = decodeURIComponent(location.hash.slice(1));
  const target = name ? document.getElementById(name) : null;
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  target.scrollIntoView();
}

addEventListener("hashchange", openTarget);
openTarget();
