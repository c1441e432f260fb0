/* The workbench's rules: typed numbers count after a moment; rows that are not whole yet wait. */

const PAUSE = 350;
const form = document.querySelector("form[data-rules]");

function whole(row) {
  const [reference, , reason] = [...row.querySelectorAll("input, select")].map((one) => one.value.trim());
  return Boolean(reference) === Boolean(reason);
}

function quiet(event) {
  const part = event.target.closest("[data-quiet]");
  if (!part) return;
  const row = event.target.closest("[data-pin]");
  if (!row || ![...part.querySelectorAll("[data-pin]")].every(whole)) event.stopPropagation();
}

function typed() {
  let timer = 0;
  form.addEventListener("input", (event) => {
    if (!event.target.matches("input") || event.target.closest("[data-quiet]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => form.dispatchEvent(new CustomEvent("rules-typed")), PAUSE);
  });
  form.addEventListener("change", () => clearTimeout(timer));
}

if (form) {
  for (const part of form.querySelectorAll("[data-quiet]")) part.addEventListener("change", quiet);
  typed();
}
