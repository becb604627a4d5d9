// The guided tour: six steps, each one click. What happens in them is in steps.js.

import { announce, byId, el } from "./dom.js";
import { STEPS, point } from "./steps.js";
import { store } from "./store.js";

let at = 0;
let busy = false;

function draw(note = "") {
  const step = STEPS[at];
  const box = byId("tour-step");
  const dots = STEPS.map((one, index) =>
    el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: index < at ? "dot done" : "dot",
          "aria-current": index === at ? "step" : null,
          "aria-label": `Step ${index + 1}: ${one.title}`,
          title: one.title,
          onclick: () => busy || ((at = index), draw(), byId("tour-next")?.focus()),
        },
        String(index + 1),
      ),
    ),
  );
  byId("tour-dots").replaceChildren(...dots);
  if (!step)
    return box.replaceChildren(
      el(
        "div",
        { class: "tour-words" },
        el("strong", {}, "That was the tour."),
        el("p", {}, "Now break something yourself, and ask. The clock runs on from Monday; it can be hurried."),
      ),
    );
  const words = el(
    "div",
    { class: "tour-words" },
    el("strong", {}, step.title),
    el("p", { id: "tour-note" }, note || step.about),
  );
  const button = el(
    "button",
    {
      type: "button",
      id: "tour-next",
      class: "button primary",
      disabled: busy,
      "aria-describedby": "tour-note",
      onclick: run,
    },
    busy ? "…" : "Do it",
  );
  box.replaceChildren(words, button);
}

let page = null;

/** Say what a step is at. */
function say(words) {
  byId("tour-note").textContent = words;
  announce(words);
}

async function run() {
  if (busy) return;
  busy = true;
  const step = STEPS[at];
  draw(step.about);
  const came = await step.run(page, say).finally(() => (busy = false));
  if (!came) return draw("Nothing came of it yet. Press again, or look around.");
  point(came);
  at += 1;
  draw();
  announce(`${step.title}: done.`);
  (byId("tour-next") ?? byId("tour-close")).focus({ preventScroll: true });
}

/** Make the tour work on this page: what it can do there as a visitor. */
export function prepareTour(deeds) {
  page = deeds;
  byId("tour").hidden = !store.stage;
  draw();
  byId("tour-close").addEventListener("click", () => (byId("tour").hidden = true));
  byId("tour-open").addEventListener("click", () => ((byId("tour").hidden = false), byId("tour-next")?.focus()));
}
