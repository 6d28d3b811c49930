// Offline queue of field pages: an action is kept on the phone before it is sent, carries its idempotency key and the
// moment of the press, is sent in order, and stays visible as "not sent yet" until the server has it.
import { announce, csrfToken, newKey, setting } from "./dom.js";
import { forget, keep, waiting } from "./store.js";
import { release } from "./forms.js";
import { businessNow } from "./countdowns.js";

const RETRY_SECONDS = 15;
let sending = false;

export function startQueue() {
  if (!setting("user")) return;
  document.addEventListener("submit", take, true);
  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  setInterval(flush, RETRY_SECONDS * 1000);
  document.addEventListener("click", discard);
  flush();
}

async function take(event) {
  const form = event.target;
  if (!form.matches("form[data-offline]") || event.defaultPrevented) return;
  event.preventDefault();
  event.stopPropagation();
  if (form.dataset.sent || !form.reportValidity()) return;
  form.dataset.sent = "yes";
  if (event.submitter) event.submitter.dataset.busy = "";
  const fields = [...new FormData(form, event.submitter)].filter(([name]) => name !== "csrf_token");
  await keep({
    key: form.elements.idempotency_key?.value || newKey(),
    user: setting("user"),
    url: form.action,
    label: form.dataset.offline || event.submitter?.textContent.trim() || "Action",
    order: Date.now(),
    fields: [...fields, ["happened_at", new Date(businessNow()).toISOString()]],
    next: form.dataset.offlineNext ?? "",
  });
  const landed = await flush();
  if (landed) location.assign(landed);
  else goOn(form);
}

/** Without a network the next step of the same stop opens on this page. */
function goOn(form) {
  const next = form.dataset.offlineNext && document.querySelector(form.dataset.offlineNext);
  if (next) {
    (form.closest("[data-step]") ?? form).hidden = true;
    next.hidden = false;
    next.querySelector("h1, h2, button")?.focus();
  }
  release();
  announce("Kept on this phone. It will be sent when there is a network.");
}

/** Send what waits, in order; returns where the last accepted action leads, or "" when something still waits. */
async function flush() {
  if (sending) return "";
  sending = true;
  let landed = "";
  try {
    for (const action of await waiting(setting("user"))) {
      if (action.refused) continue;
      const outcome = await send(action);
      if (outcome === "later") {
        landed = "";
        break;
      }
      landed = outcome;
    }
  } finally {
    sending = false;
    await show();
  }
  return landed;
}

async function send(action) {
  let answer;
  try {
    answer = await fetch(action.url, {
      method: "POST",
      headers: { "X-CSRF-Token": csrfToken(), "Idempotency-Key": action.key, "X-Queued": "1", Accept: "text/html" },
      body: body(action.fields),
    });
  } catch {
    return "later";
  }
  if (answer.status >= 500 || answer.status === 429 || answer.status === 401) return "later";
  if (answer.status >= 400) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const reason = page.querySelector("[data-problem], .error-summary li")?.textContent.trim();
    await keep({ ...action, refused: reason || `refused (${answer.status})` });
    return "";
  }
  await forget(action.key);
  return answer.url;
}

async function show() {
  const box = document.getElementById("queue");
  if (!box) return;
  const actions = await waiting(setting("user"));
  box.hidden = actions.length === 0;
  box.querySelector("[data-count]").textContent = actions.length === 1 ? "1 action not sent yet" : `${actions.length} actions not sent yet`;
  box.querySelector("ul").replaceChildren(...actions.map(line));
}

function line(action) {
  const item = document.createElement("li");
  const time = new Date(action.order).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  item.append(`${time} ${action.label}${action.refused ? `: ${action.refused}` : ""}`);
  if (action.refused) {
    item.dataset.refused = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset.discard = action.key;
    button.textContent = "Discard";
    item.append(button);
  }
  return item;
}

async function discard(event) {
  const key = event.target instanceof Element && event.target.closest("[data-discard]")?.dataset.discard;
  if (!key) return;
  await forget(key);
  await show();
}

/** Plain fields travel like any form; a photograph among them needs the multipart form. */
function body(fields) {
  if (!fields.some(([, value]) => value instanceof Blob)) return new URLSearchParams(fields);
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}
