// Office pages: htmx plus small modules, each of which finds its own elements and works on what htmx adds later.
import htmx from "htmx.org/dist/htmx.esm.js";
import { startPage } from "./page.js";
import { startForms } from "./forms.js";
import { startShortcuts } from "./shortcuts.js";
import { startPalette } from "./palette.js";
import { startLive } from "./live.js";
import { startRequests } from "./requests.js";

window.htmx = htmx;
startRequests();
startPage();
startForms();
startShortcuts();
startPalette();
startLive(htmx);
