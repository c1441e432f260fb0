// The page of a difference: the total that the chosen points give, while they are chosen.

function redraw(form) {
  const groups = new Map();
  for (const radio of form.querySelectorAll('input[type="radio"]')) {
    groups.set(radio.name, groups.get(radio.name) ?? null);
    if (radio.checked) groups.set(radio.name, Number(radio.value));
  }
  const chosen = [...groups.values()].filter((points) => points !== null);
  const line = form.querySelector("[data-consensus-total]");
  const sum = chosen.reduce((total, points) => total + points, Number(form.dataset.fixed));
  line.querySelector("[data-sum]").textContent = String(sum);
  line.querySelector("[data-left]").textContent = String(groups.size - chosen.length);
  line.hidden = false;
}

for (const form of document.querySelectorAll("form[data-consensus]")) {
  form.addEventListener("change", () => redraw(form));
  redraw(form);
}
