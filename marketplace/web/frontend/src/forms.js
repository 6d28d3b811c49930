// Forms: one press sends once, what was typed survives a reload and a lost session, the error summary takes the focus.
import { announce, each, newKey, on } from "./dom.js";

const SECRET = new Set(["password", "hidden", "file"]);

export function startForms() {
  document.addEventListener("submit", guard);
  window.addEventListener("pageshow", release);
  each(".error-summary", (summary) => {
    summary.focus();
    announce(summary.querySelector("h2")?.textContent);
  });
  on("click", ".error-summary a[href^='#']", focusField);
  on("click", "[data-confirm]", confirmFirst, true);
  each("form[data-keep]", keepTyped);
  on("input", "form[data-was-sent]", renewKey);
}

function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button?.classList.contains("button")) button.dataset.busy = "";
  if (form.matches("[data-keep]")) sessionStorage.removeItem(draftKey(form));
}

/** After "back" or an answer without a new page the form can be sent again. */
export function release() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.dataset.wasSent = "yes";
    for (const button of form.querySelectorAll("[data-busy]")) delete button.dataset.busy;
  }
}

/** A form that was sent and is then changed ("back", or an answer beside it) is another request. */
function renewKey(_, form) {
  delete form.dataset.wasSent;
  if (form.elements.idempotency_key) form.elements.idempotency_key.value = newKey();
}

function focusField(event, link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  const field = target.matches("input, select, textarea, button") ? target : target.querySelector("input, select, textarea, canvas");
  (field ?? target).focus();
  target.closest(".field")?.scrollIntoView({ block: "center" });
}

function confirmFirst(event, button) {
  if (window.confirm(button.dataset.confirm)) return;
  event.preventDefault();
  event.stopPropagation();
}

function draftKey(form) {
  return `draft:${document.body.dataset.user ?? ""}:${location.pathname}:${form.id}`;
}

/** Keep text of a long form in this tab only; it is gone when the tab closes or the form is sent. */
function keepTyped(form) {
  const key = draftKey(form);
  const fields = () => [...form.elements].filter((field) => field.name && !SECRET.has(field.type));
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    for (const field of fields()) {
      if (field.name in kept && field.value === field.defaultValue && field.type !== "radio" && field.type !== "checkbox") {
        field.value = kept[field.name];
      }
    }
  } catch {
    sessionStorage.removeItem(key);
  }
  form.addEventListener("input", () => {
    const typed = Object.fromEntries(fields().filter((f) => "value" in f && f.tagName !== "SELECT").map((f) => [f.name, f.value]));
    sessionStorage.setItem(key, JSON.stringify(typed));
  });
}
