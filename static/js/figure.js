/* Pictures of scores follow what is typed in the fields that they draw. */

function draw(figure, row, text) {
  const value = Number(text.replace(",", "."));
  const most = Number(figure.dataset.maximum);
  const known = text.trim() !== "" && Number.isFinite(value);
  row.querySelector("[data-figure-text]").textContent = known ? text.trim() : "–";
  const share = known ? Math.min(Math.max((100 * value) / most, 0), 100) : 0;
  row.querySelector("[data-figure-bar]").setAttribute("width", `${share}%`);
}

for (const figure of document.querySelectorAll("[data-figure]")) {
  document.addEventListener("input", (event) => {
    const row = event.target.name && figure.querySelector(`[data-figure-row="${CSS.escape(event.target.name)}"]`);
    if (row) draw(figure, row, event.target.value);
  });
}
