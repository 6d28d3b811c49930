// What htmx sends and gets: the CSRF token on every unsafe request, and words when the network or the server fails.
import { csrfToken, newKey, toast } from "./dom.js";
import { release } from "./forms.js";

export function startRequests() {
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (request.method !== "GET") request.headers["X-CSRF-Token"] = csrfToken();
    // what is kept as it changes is a new request each time, not the form's one sending again
    if (event.detail.ctx.sourceElement?.matches("[data-fresh-key]")) request.headers["Idempotency-Key"] = newKey();
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { response } = event.detail.ctx;
    if (response.status === 401) {
      event.preventDefault();
      location.reload();
    } else if (response.status >= 500 || response.status === 429) {
      event.preventDefault();
      toast(response.status === 429 ? "Too many requests. Please wait a moment." : "The server could not do that. Nothing was changed.");
    }
  });
  document.addEventListener("htmx:error", () => toast("No connection. Nothing was sent."));
  document.addEventListener("htmx:finally:request", release);
}
