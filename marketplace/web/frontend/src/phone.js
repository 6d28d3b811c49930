// Field pages: no htmx, so that they start fast on an old phone; actions survive a dead zone in the queue.
import { startPage } from "./page.js";
import { startForms } from "./forms.js";
import { startQueue } from "./queue.js";
import { startLive } from "./live.js";
import { startGeolocation } from "./geolocation.js";

startPage();
startForms();
startGeolocation();
startQueue();
startLive(null);
