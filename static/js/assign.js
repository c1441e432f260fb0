/* Picking applications on the assignment page: a count, and one button for the whole page. */

function wirePick(form) {
  const boxes = [...form.querySelectorAll("input[name='pick']")];
  const button = form.querySelector("[data-pick-page]");
  const line = form.querySelector("[data-pick-count]");
  if (!boxes.length || !button || !line) return;
  const texts = line.dataset;
  const say = () => {
    const count = boxes.filter((box) => box.checked).length;
    line.hidden = count === 0;
    line.textContent = (count === 1 ? texts.one : texts.many).replace("0", String(count));
    button.textContent = count === boxes.length ? button.dataset.none : button.dataset.all;
  };
  button.addEventListener("click", () => {
    const some = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = some;
    say();
  });
  form.addEventListener("change", say);
  button.hidden = false;
  say();
}

for (const form of document.querySelectorAll("form[data-pick]")) wirePick(form);
