/* Score sheet: running total, what is missing, and the keys 0-5, j, k and Ctrl or Cmd + Enter. */

const typing = (element) => element.matches("textarea, select, input:not([type=radio])");

function wire(form) {
  const criteria = () => [...form.querySelectorAll("[data-criterion]")];
  const picked = (criterion) => criterion.querySelector("input[type=radio]:checked");
  const total = document.querySelector("[data-total]");
  const missing = document.querySelector("[data-missing]");

  const update = () => {
    const all = criteria();
    const points = all.map((criterion) => picked(criterion)).filter(Boolean);
    if (total) total.textContent = String(points.reduce((sum, one) => sum + Number(one.value), 0));
    if (missing) missing.textContent = String(all.length - points.length);
  };

  const focus = (criterion) => {
    if (!criterion) return;
    const radio = picked(criterion) || criterion.querySelector("input[type=radio]");
    radio.focus({ preventScroll: true });
    criterion.scrollIntoView({ block: "nearest" });
  };

  const step = (from, by) => {
    const all = criteria();
    const at = all.indexOf(from);
    focus(at < 0 ? all[0] : all[Math.min(all.length - 1, Math.max(0, at + by))]);
  };

  const choose = (criterion, value) => {
    const radio = criterion.querySelector(`input[type=radio][value="${value}"]`);
    if (!radio || radio.disabled) return;
    radio.checked = true;
    radio.focus({ preventScroll: true });
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };

  form.addEventListener("change", update);
  document.addEventListener("keydown", (event) => {
    const inside = form.contains(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && inside) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const criterion = inside ? event.target.closest("[data-criterion]") : null;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      step(criterion, event.key === "j" ? 1 : -1);
    } else if (criterion && /^[0-9]$/.test(event.key)) {
      event.preventDefault();
      choose(criterion, event.key);
    }
  });
  update();
}

for (const form of document.querySelectorAll("form[data-score-sheet]")) wire(form);
