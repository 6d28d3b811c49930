// Live rows: one stream for the page says which object changed; the row is fetched again and changed in place.
// When the server has no stream left (503), or the network breaks it, the page asks every few seconds instead.
import { announce, each } from "./dom.js";

const POLL_SECONDS = 10;
const FIELD_POLL_SECONDS = 20;
const RETRY_STREAM_SECONDS = 120;
const HIDDEN_SECONDS = 45;

const state = { token: "", url: "", htmx: null, source: null, poll: 0, cursor: "", heard: Date.now(), kind: "live", resting: false };

/** `htmx` morphs what changed; without it (field pages) the element is replaced. Field pages poll and hold no stream. */
export function startLive(htmx) {
  const { liveUrl, liveToken } = document.body.dataset;
  each("[data-live-list]", (list) => list.addEventListener("click", (event) => event.target.closest("[data-live-reload]") && reloadList(list)));
  if (!liveUrl || !liveToken) return;
  Object.assign(state, { token: liveToken, url: liveUrl, htmx, cursor: document.body.dataset.liveSince ?? "" });
  connect();
  document.addEventListener("visibilitychange", rest);
  window.addEventListener("online", () => { connect(); refreshAll(); });
  window.addEventListener("offline", () => show("offline"));
  setInterval(tick, 1000);
}

function connect() {
  state.source?.close();
  clearInterval(state.poll);
  if (!state.htmx) return startPolling();
  const source = new EventSource(`${state.url}?token=${encodeURIComponent(state.token)}&since=${encodeURIComponent(state.cursor)}`);
  state.source = source;
  source.addEventListener("open", () => hear("live"));
  source.addEventListener("beat", (event) => {
    hear("live");
    state.cursor = event.lastEventId || state.cursor;
  });
  source.addEventListener("reset", refreshAll);
  source.addEventListener("change", (event) => {
    hear("live");
    state.cursor = event.lastEventId || state.cursor;
    apply(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED && state.source === source) startPolling();
    else show(navigator.onLine ? "waiting" : "offline");
  });
}

function startPolling() {
  clearInterval(state.poll);
  show(navigator.onLine ? "polling" : "offline");
  const until = Date.now() + RETRY_STREAM_SECONDS * 1000;
  const rest = state.htmx ? POLL_SECONDS : FIELD_POLL_SECONDS;
  state.poll = setInterval(() => (state.htmx && Date.now() > until ? connect() : ask()), rest * 1000);
  ask();
}

async function ask() {
  try {
    const answer = await fetch(`${state.url}/changes?token=${encodeURIComponent(state.token)}&since=${encodeURIComponent(state.cursor)}`);
    if (answer.status === 401 || answer.status === 403) return clearInterval(state.poll);
    if (!answer.ok) return show("waiting");
    const { cursor, reset, changes } = await answer.json();
    state.cursor = cursor;
    hear("polling");
    if (reset) refreshAll();
    else changes.forEach(apply);
  } catch {
    show("offline");
  }
}

/** A tab nobody looks at gives its stream back; it catches up when it is seen again. */
let hiding = 0;
function rest() {
  clearTimeout(hiding);
  if (document.hidden) {
    hiding = setTimeout(() => {
      state.source?.close();
      state.source = null;
      clearInterval(state.poll);
      state.resting = true;
    }, HIDDEN_SECONDS * 1000);
  } else if (state.resting) {
    state.resting = false;
    connect();
  }
}

function apply({ object, id, revision }) {
  const name = `${object}:${id}`;
  const known = [...document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`)];
  for (const element of known) if (Number(element.dataset.liveRevision ?? 0) < revision) refresh(element);
  const along = [...document.querySelectorAll(`[data-live-with~="${CSS.escape(name)}"]`)];
  along.forEach(refresh);
  if (!known.length && !along.length) {
    for (const list of document.querySelectorAll(`[data-live-list~="${CSS.escape(object)}"]`)) offerNews(list, name);
  }
}

/** Fetch an element again and morph it in place, but never while somebody types in it or presses on it. */
async function refresh(element) {
  if (element.matches(":active") || element.querySelector(":is(input, select, textarea):focus, dialog[open]")) {
    setTimeout(() => element.isConnected && refresh(element), 1500);
    return;
  }
  const name = element.dataset.live;
  const before = element.textContent;
  await swap(element, element.dataset.liveUrl, "");
  const fresh = document.querySelector(`[data-live="${CSS.escape(name)}"]`);
  if (!fresh || fresh.textContent === before) return;
  fresh.setAttribute("data-changed", "");
  setTimeout(() => fresh.removeAttribute("data-changed"), 2600);
  announce(fresh.dataset.liveSays);
}

/** After a gap: each list in one request, and what stands alone by itself. */
function refreshAll() {
  for (const list of document.querySelectorAll("[data-live-list]")) reloadList(list);
  for (const element of document.querySelectorAll("[data-live][data-live-url]")) {
    if (!element.closest("[data-live-list]")) refresh(element);
  }
}

/** New rows wait behind a button: a list never grows or reorders under somebody's hand. A list that says it
    grows (`data-live-grows`) takes them in by itself while no hand is in it. */
function offerNews(list, name) {
  const waiting = (list.waiting ??= new Set());
  waiting.add(name);
  if (waiting.size === 1) announce("The list has changed.");
  if ("liveGrows" in list.dataset) growSoon(list);
  else showButton(list);
}

/** Several changes of one moment are fetched once; the hand counts at the moment in which the list would move. */
function growSoon(list) {
  list.growing ||= setTimeout(() => {
    list.growing = 0;
    if (!list.isConnected) return;
    if (list.matches(":hover, :focus-within")) showButton(list);
    else reloadList(list);
  }, 300);
}

function showButton(list) {
  const box = list.querySelector("[data-live-news]");
  const count = list.waiting?.size ?? 0;
  if (!box || !count) return;
  box.hidden = false;
  const text = count === 1 ? "1 change to this list. Show it" : `${count} changes to this list. Show them`;
  box.querySelector("[data-live-reload]").textContent = text;
}

async function reloadList(list) {
  list.waiting?.clear();
  await swap(list, location.href, `#${CSS.escape(list.id)}`);
}

async function swap(element, url, select) {
  if (state.htmx) {
    const part = select ? { select } : {};
    return state.htmx.ajax("GET", url, { source: element, target: element, swap: "outerMorph", ...part });
  }
  const answer = await fetch(url, { headers: select ? {} : { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(select || `[data-live="${CSS.escape(element.dataset.live)}"]`);
  if (fresh) element.replaceWith(fresh);
}

function hear(kind) {
  state.heard = Date.now();
  show(kind);
}

function show(kind) {
  state.kind = kind;
  tick();
}

function tick() {
  const indicator = document.querySelector(".connection");
  if (!indicator) return;
  const seconds = Math.round((Date.now() - state.heard) / 1000);
  const ago = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
  const words = {
    live: seconds < 20 ? "Live" : `Updated ${ago} ago`,
    polling: `Updated ${ago} ago`,
    waiting: `Reconnecting, updated ${ago} ago`,
    offline: `Offline, updated ${ago} ago`,
  };
  if (indicator.dataset.state !== state.kind) indicator.dataset.state = state.kind;
  const label = indicator.querySelector("span") ?? indicator;
  if (label.textContent !== words[state.kind]) label.textContent = words[state.kind];
}
