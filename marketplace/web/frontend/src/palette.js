// Ctrl K: go anywhere and do anything that this page offers, by typing a few letters; then the server's search answers too.
import { on } from "./dom.js";
import { register } from "./shortcuts.js";

let timer = 0;

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  register("Ctrl K", "Command palette", "Everywhere", () => open(dialog, input));
  on("click", "[data-opens=palette]", () => open(dialog, input));
  input.addEventListener("input", () => fill(dialog, input));
  input.addEventListener("keydown", (event) => steer(event, dialog, input));
  on("click", "#palette [role=option]", (_, option) => choose(dialog, option));
}

function open(dialog, input) {
  if (!dialog.open) dialog.showModal();
  input.value = "";
  fill(dialog, input);
  input.focus();
}

/** Everything the page itself can do: its navigation, its tabs and its marked actions. */
function commands() {
  const sources = [["[data-palette]", "Action"], [".sidebar .nav-link", "Go to"], [".tabs a", "Tab"]];
  const found = new Map();
  for (const [selector, group] of sources) {
    for (const element of document.querySelectorAll(selector)) {
      const label = element.dataset.palette || element.querySelector("span")?.textContent.trim() || element.textContent.trim();
      if (label && !found.has(label)) found.set(label, { label, group, element });
    }
  }
  return [...found.values()];
}

function matches(label, typed) {
  const text = label.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function fill(dialog, input) {
  const typed = input.value.trim();
  const list = dialog.querySelector("[role=listbox]");
  const options = commands().filter(({ label }) => matches(label, typed)).map(({ label, group, element }) => option(label, group, () => element.click()));
  list.replaceChildren(...options);
  if (typed && dialog.dataset.searchUrl) {
    const everywhere = `${dialog.dataset.searchUrl}?q=${encodeURIComponent(typed)}`;
    list.append(option(`Search for “${typed}”`, "Search", () => location.assign(everywhere)));
    clearTimeout(timer);
    timer = setTimeout(() => searchServer(dialog, input, typed), 180);
  }
  select(dialog, input, 0);
}

async function searchServer(dialog, input, typed) {
  const answer = await fetch(`${dialog.dataset.searchUrl}?q=${encodeURIComponent(typed)}`, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (!answer?.ok || input.value.trim() !== typed || !answer.headers.get("Content-Type")?.includes("json")) return;
  const list = dialog.querySelector("[role=listbox]");
  for (const { label, group, url } of (await answer.json()).results ?? []) {
    list.append(option(label, group, () => location.assign(url)));
  }
}

const runs = new WeakMap();

function option(label, group, run) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.id = `palette-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const text = document.createElement("span");
  text.textContent = label;
  const kind = document.createElement("span");
  kind.className = "group";
  kind.textContent = group;
  item.append(text, kind);
  runs.set(item, run);
  return item;
}

function select(dialog, input, index) {
  const options = [...dialog.querySelectorAll("[role=option]")];
  dialog.querySelector(".nothing").hidden = options.length > 0;
  if (!options.length) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  const chosen = options[(index + options.length) % options.length];
  for (const each of options) each.setAttribute("aria-selected", String(each === chosen));
  input.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function steer(event, dialog, input) {
  const options = [...dialog.querySelectorAll("[role=option]")];
  const current = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") select(dialog, input, current + 1);
  else if (event.key === "ArrowUp") select(dialog, input, current - 1);
  else if (event.key === "Enter" && options[current]) choose(dialog, options[current]);
  else return;
  event.preventDefault();
}

function choose(dialog, chosen) {
  dialog.close();
  runs.get(chosen)?.();
}
