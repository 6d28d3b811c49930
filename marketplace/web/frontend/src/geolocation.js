// The position of the phone, asked for only when somebody presses, put into the form's hidden fields.
import { on } from "./dom.js";

export function startGeolocation() {
  on("click", "[data-locate]", locate);
}

function locate(event, button) {
  const form = button.form ?? button.closest("form");
  const say = button.parentElement.querySelector("[data-locate-says]");
  if (!navigator.geolocation) {
    say.textContent = "This phone does not tell its position. Go on without it.";
    return;
  }
  button.dataset.busy = "";
  say.textContent = "Asking the phone for its position…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      delete button.dataset.busy;
      form.elements.latitude.value = coords.latitude.toFixed(6);
      form.elements.longitude.value = coords.longitude.toFixed(6);
      form.elements.accuracy_metres.value = Math.round(coords.accuracy);
      say.textContent = `Position taken, accurate to ${Math.round(coords.accuracy)} m.`;
    },
    (problem) => {
      delete button.dataset.busy;
      say.textContent = problem.code === problem.PERMISSION_DENIED
        ? "The phone may not share its position. Allow it in the browser's settings, or go on without it."
        : "No position found here. Try again outside, or go on without it.";
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
  );
}
