// The few things every module needs of the document.

/** Call `start` for each element that matches now, and for each that is added later. */
export function each(selector, start) {
  const seen = new WeakSet();
  const visit = (root) => {
    const found = root.matches?.(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      if (!seen.has(element)) {
        seen.add(element);
        start(element);
      }
    }
  };
  visit(document.body);
  new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) visit(node);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

/** Listen once at the document for an event on anything that matches, now or later. */
export function on(event, selector, react, options) {
  document.addEventListener(event, (fired) => {
    const element = fired.target instanceof Element ? fired.target.closest(selector) : null;
    if (element) react(fired, element);
  }, options);
}

/** Say a sentence to screen readers through the page's polite live region. */
export function announce(sentence) {
  const region = document.getElementById("announcer");
  if (!region || !sentence) return;
  const line = document.createElement("p");
  line.textContent = sentence;
  region.append(line);
  setTimeout(() => line.remove(), 8000);
}

/** Show a short message in the corner that leaves by itself and can be dismissed. */
export function toast(sentence) {
  const box = document.getElementById("toasts");
  if (!box) return;
  const note = document.createElement("div");
  note.className = "toast";
  const text = document.createElement("span");
  text.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", "Dismiss");
  close.addEventListener("click", () => note.remove());
  note.append(text, close);
  box.append(note);
  setTimeout(() => note.remove(), 7000);
}

/** The token that proves a request came from a page of ours. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A setting of this page, written by the server as data-... on the body. */
export function setting(name) {
  return document.body.dataset[name] ?? "";
}

/** A random UUID, also where the page came over plain HTTP and the browser hides its own. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
