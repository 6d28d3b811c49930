// "Time left" that counts by itself. The page's clock is the server's business clock, which may run faster than ours.
import { each } from "./dom.js";

const watched = new Set();
const arrived = performance.now();

/** The moment it is now for the business, in milliseconds. */
export function businessNow() {
  const start = Date.parse(document.body.dataset.now ?? "") || Date.now() - performance.now() + arrived;
  const speed = Number(document.body.dataset.clockSpeed ?? 1);
  return start + (performance.now() - arrived) * speed;
}

export function startCountdowns() {
  each("time[data-countdown]", (element) => {
    watched.add(element);
    show(element);
  });
  setInterval(() => {
    for (const element of watched) element.isConnected ? show(element) : watched.delete(element);
  }, 5000);
}

function show(element) {
  const minutes = (Date.parse(element.dateTime) - businessNow()) / 60000;
  const warnAt = Number(element.dataset.warn ?? 60);
  const badAt = Number(element.dataset.bad ?? 15);
  const text = minutes < 0 ? `${span(-minutes)} late` : `${span(minutes)} left`;
  const label = element.querySelector("[data-text]") ?? element;
  if (label.textContent !== text) label.textContent = text;
  element.dataset.tone = minutes <= badAt ? "bad" : minutes <= warnAt ? "warn" : "calm";
}

/** Minutes in the words of the page: "1 h 05 min", "2 d 3 h". */
export function span(minutes) {
  const whole = Math.floor(minutes);
  if (whole < 60) return `${whole} min`;
  if (whole < 48 * 60) return `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, "0")} min`;
  return `${Math.floor(whole / 1440)} d ${Math.floor((whole % 1440) / 60)} h`;
}
