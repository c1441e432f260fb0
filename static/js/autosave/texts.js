/* What autosave says, in the language of the page. */

const TEXTS = {
  en: {
    saving: "Saving …",
    saved: (at) => `Saved ${at}`,
    failed: "Not saved – trying again",
    refused: "Not saved – see the message by the field",
    ended: "Not saved – sign in again. Your text is kept in this browser.",
    signIn: "Sign in",
    kept: "Not saved – wait until the connection is back, then press the button again.",
    offline: "You are offline, so the next page can't open. Your text stays in this browser. Wait for the connection, then press the button again.",
    restored: (n) => (n === 1 ? "We put back 1 answer that was not saved:" : `We put back ${n} answers that were not saved:`),
    conflict: (who, at) => (at ? `${who} saved another version at ${at}:` : `${who} saved another version:`),
    mine: "Keep mine",
    theirs: "Take theirs",
    merge: "Merge both",
    merged: "Both versions, theirs first. Edit them into one.",
    save: "Save this",
    empty: "(empty)",
    someone: "Somebody",
  },
  es: {
    saving: "Guardando …",
    saved: (at) => `Guardado ${at}`,
    failed: "No guardado – se intenta de nuevo",
    refused: "No guardado – vea el mensaje junto al campo",
    ended: "No guardado – inicie sesión de nuevo. Su texto queda en este navegador.",
    signIn: "Iniciar sesión",
    kept: "No guardado – espere a que vuelva la conexión y oprima el botón otra vez.",
    offline: "No hay conexión, así que la página siguiente no puede abrirse. Su texto queda en este navegador. Espere a que vuelva la conexión y oprima el botón otra vez.",
    restored: (n) => (n === 1 ? "Repusimos 1 respuesta que no se había guardado:" : `Repusimos ${n} respuestas que no se habían guardado:`),
    conflict: (who, at) => (at ? `${who} guardó otra versión a las ${at}:` : `${who} guardó otra versión:`),
    mine: "Conservar la mía",
    theirs: "Usar la otra",
    merge: "Unir las dos",
    merged: "Las dos versiones, primero la otra. Edítelas para formar una sola.",
    save: "Guardar esta",
    empty: "(vacío)",
    someone: "Alguien",
  },
};

export const t = TEXTS[document.documentElement.lang.slice(0, 2)] || TEXTS.en;
