/* One POST to the portal, and what its answer means. */

const FAILING = [408, 425, 429];

function cookie(name) {
  return document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) || "";
}

/** The token as it is now: signing in again changes it while this page stays open. */
export function token(form) {
  return cookie("csrftoken") || form?.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
}

async function freshToken() {
  const page = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
  if (page.type === "opaqueredirect") return null;
  const text = new DOMParser().parseFromString(await page.text(), "text/html");
  return text.querySelector("[name=csrfmiddlewaretoken]")?.value || null;
}

function post(url, body, csrf, keepalive) {
  return fetch(url, {
    method: "POST",
    body,
    keepalive,
    credentials: "same-origin",
    redirect: "manual",
    headers: { "X-Autosave": "1", "X-CSRFToken": csrf, Accept: "application/json" },
  });
}

async function json(answer) {
  const type = answer.headers.get("content-type") || "";
  return type.includes("json") ? answer.json().catch(() => ({})) : {};
}

/** Send `body`; returns {kind, data}: saved, conflict, refused, signedOut, or failed (try again). */
export async function send(form, url, body, keepalive = false) {
  const hat = form?.querySelector("[name=hat]")?.value;
  if (hat) body.set("hat", hat);
  let answer;
  try {
    answer = await post(url, body, token(form), keepalive);
    if (answer.status === 403) {
      const fresh = await freshToken();
      if (!fresh) return { kind: "signedOut", data: {} };
      answer = await post(url, body, fresh, keepalive);
    }
  } catch {
    return { kind: "failed", data: {} };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) return { kind: "signedOut", data: {} };
  if (answer.status >= 500 || FAILING.includes(answer.status)) return { kind: "failed", data: {} };
  const data = await json(answer);
  if (answer.status === 200) return { kind: "saved", data };
  return { kind: answer.status === 409 && data.conflicts ? "conflict" : "refused", data };
}

/** The page to sign in that leads back to this one. */
export function signInUrl() {
  return `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
}
