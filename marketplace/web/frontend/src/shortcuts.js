// One registry of keyboard shortcuts. Elements join it with data-shortcut="n" and their label; "?" lists all of them.
import { on } from "./dom.js";
import { savePreference } from "./page.js";

const registry = [];

/** Add a shortcut: `keys` as shown ("j", "Ctrl K"), `label` for the help, `run` what it does. */
export function register(keys, label, group, run) {
  registry.push({ keys, label, group, run });
}

export function singleKeysAreOn() {
  return document.body.dataset.shortcuts !== "off";
}

export function startShortcuts() {
  register("/", "Search", "Everywhere", () => document.querySelector(".searchbox input")?.focus());
  register("?", "Keyboard help", "Everywhere", openHelp);
  register("j", "Next row", "Lists", () => moveRow(1));
  register("k", "Previous row", "Lists", () => moveRow(-1));
  register("Enter", "Open the row", "Lists", null);
  document.addEventListener("keydown", press);
  on("focusin", "[data-row]", (_, row) => mark(row));
  on("click", "[data-opens=keyboard-help]", fillHelp);
  on("change", "#single-keys", (_, box) => {
    document.body.dataset.shortcuts = box.checked ? "on" : "off";
    savePreference("shortcuts", document.body.dataset.shortcuts);
  });
}

function press(event) {
  const typing = event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "Escape" && typing?.closest(".searchbox")) typing.blur();
  const combined = event.ctrlKey || event.metaKey;
  if (event.altKey || event.defaultPrevented || (typing && !combined) || document.querySelector("dialog[open]")) return;
  const keys = (combined ? "Ctrl " : "") + (event.key.length === 1 && combined ? event.key.toUpperCase() : event.key);
  if (!combined && !singleKeysAreOn()) return;
  const known = registry.find((shortcut) => shortcut.run && shortcut.keys === keys);
  const element = known ? null : document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);
  if (!known && !element) return;
  event.preventDefault();
  if (known) known.run();
  else element.matches("input, select, textarea") ? element.focus() : element.click();
}

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
}

function moveRow(step) {
  const all = rows();
  if (!all.length) return;
  const current = all.findIndex((row) => row.hasAttribute("data-current"));
  const next = all[Math.min(Math.max(current + step, 0), all.length - 1)];
  (next.querySelector("a[href], button") ?? next).focus();
  mark(next);
  next.scrollIntoView({ block: "nearest" });
}

function mark(row) {
  for (const other of document.querySelectorAll("[data-current]")) other.removeAttribute("data-current");
  row.setAttribute("data-current", "");
}

function openHelp() {
  fillHelp();
  document.getElementById("keyboard-help")?.showModal();
}

function fillHelp() {
  const list = document.querySelector("#keyboard-help .keys");
  if (!list) return;
  const here = [...document.querySelectorAll("[data-shortcut]")].map((element) => ({
    keys: element.dataset.shortcut,
    label: element.dataset.shortcutLabel || element.getAttribute("aria-label") || element.textContent.trim(),
    group: "On this page",
  }));
  const groups = grouped([...registry, ...here]);
  list.replaceChildren(...[...groups].map(([group, shortcuts]) => section(group, shortcuts)));
}

function grouped(shortcuts) {
  const groups = new Map();
  for (const shortcut of shortcuts) groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), shortcut]);
  return groups;
}

function section(group, shortcuts) {
  const part = document.createElement("section");
  const title = document.createElement("h3");
  title.textContent = group;
  const list = document.createElement("dl");
  for (const { keys, label } of shortcuts) {
    const term = document.createElement("dt");
    term.textContent = label;
    const detail = document.createElement("dd");
    for (const key of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      detail.append(cap, " ");
    }
    list.append(term, detail);
  }
  part.append(title, list);
  return part;
}
