/* Live word count under textarea[data-word-limit]; spoken only after a pause in typing. */

const PAUSE_MS = 1500;
const language = document.documentElement.lang.slice(0, 2);
const TEXTS = {
  en: { left: (n) => `${n} words left`, one: "1 word left", over: (n) => (n === 1 ? "1 word too many" : `${n} words too many`) },
  es: { left: (n) => `Quedan ${n} palabras`, one: "Queda 1 palabra", over: (n) => (n === 1 ? "Sobra 1 palabra" : `Sobran ${n} palabras`) },
};
const texts = TEXTS[language] || TEXTS.en;

/** Words as people count them: runs of anything that is not white space. */
export function countWords(text) {
  return (text.match(/\S+/g) || []).length;
}

function sentence(left) {
  if (left === 1) return texts.one;
  return left >= 0 ? texts.left(left) : texts.over(-left);
}

function paragraph(className) {
  const element = document.createElement("p");
  element.className = className;
  return element;
}

function wire(area) {
  const limit = Number(area.dataset.wordLimit);
  if (!limit || area.dataset.wordsWired) return;
  area.dataset.wordsWired = "true";
  const shown = paragraph("word-count");
  shown.setAttribute("aria-hidden", "true");
  const spoken = paragraph("usa-sr-only");
  spoken.setAttribute("aria-live", "polite");
  area.after(shown, spoken);
  let timer = 0;
  const update = () => {
    const left = limit - countWords(area.value);
    shown.textContent = sentence(left);
    shown.classList.toggle("word-count--over", left < 0);
    return shown.textContent;
  };
  update();
  area.addEventListener("input", () => {
    const text = update();
    clearTimeout(timer);
    timer = setTimeout(() => { spoken.textContent = text; }, PAUSE_MS);
  });
}

function wireAll(root) {
  for (const area of root.querySelectorAll("textarea[data-word-limit]")) wire(area);
}

wireAll(document);
document.addEventListener("htmx:after:swap", () => wireAll(document));
