// Every page: copy buttons, dialogs, theme, countdowns, and the heavy parts that only some pages need.
import { announce, csrfToken, each, on, setting, toast } from "./dom.js";
import { startCountdowns } from "./countdowns.js";

export function startPage() {
  document.documentElement.dataset.script = "on";
  startCountdowns();
  on("click", "[data-copy]", copy);
  on("click", "[data-opens]", (_, button) => document.getElementById(button.dataset.opens)?.showModal());
  on("click", "[data-closes]", (_, button) => button.closest("dialog")?.close());
  on("click", "dialog", (event, dialog) => event.target === dialog && dialog.close());
  on("click", "[data-dismiss]", (_, button) => button.closest(".notice")?.remove());
  on("click", "[data-print]", () => window.print());
  on("click", "button[name=theme]", chooseTheme);
  on("change", "[data-submits]", (_, field) => field.form?.requestSubmit());
  each(".map[data-map]", (element) => import("./map.js").then((map) => map.draw(element)));
  each("[data-signature]", (element) => import("./signature.js").then((pad) => pad.start(element)));
  each("[data-opened]", (dialog) => dialog.showModal());
  each("[data-focus]", (element) => element.focus());
}

async function copy(event, button) {
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(`Copied ${button.dataset.copy}`);
    announce("Copied");
  } catch {
    toast(`Copying is not allowed here: ${button.dataset.copy}`);
  }
}

function chooseTheme(event, button) {
  event.preventDefault();
  const theme = button.value;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const other of button.closest("form").querySelectorAll("button[name=theme]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  savePreference("theme", theme);
}

/** Keep a preference of this browser on the server's side of the cookie, without leaving the page. */
export function savePreference(name, value) {
  const url = setting("preferencesUrl");
  if (!url) return;
  fetch(url, {
    method: "POST",
    headers: { "X-CSRF-Token": csrfToken(), Accept: "application/json" },
    body: new URLSearchParams({ [name]: value }),
  }).catch(() => toast("The setting could not be saved. It holds until you leave this page."));
}
