// The playground's clock: what it shows, how fast it runs, and where it can be set forward to.

import { setClock, shownWords } from "./dates.js";
import { byId, el } from "./dom.js";
import { role, store } from "./store.js";

const TICK = 250;

/** Take in what the clock shows, and draw how fast it runs. */
export function drawClock(clock) {
  setClock(clock);
  for (const radio of document.querySelectorAll("[name=speed]")) radio.checked = Number(radio.value) === clock.speed;
  show();
}

function show() {
  const words = shownWords(role()?.tz ?? "UTC");
  if (byId("clock-time").textContent !== words) byId("clock-time").textContent = words;
}

/** Make it work, by what `stage` lets happen. */
export function prepareClock(stage) {
  byId("speed").append(
    ...store.stage.speeds.map((speed) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name: "speed", value: String(speed), onchange: () => stage({ type: "hurry", speed }) }),
        el("span", {}, `${speed}×`),
      ),
    ),
  );
  byId("skips").append(
    ...store.stage.skips.map(({ to, about }) =>
      el(
        "button",
        { type: "button", class: "button", "aria-label": `Skip to ${about}`, onclick: (event) => skip(event.target, to) },
        `⏭ ${about}`,
      ),
    ),
  );
  setInterval(show, TICK);
  const skip = async (button, to) => {
    if (byId("skips").querySelector("[aria-busy]")) return; // it takes a few seconds, in which the bot reads what ran
    button.setAttribute("aria-busy", "true");
    await stage({ type: "skip", to });
    button.removeAttribute("aria-busy");
  };
}
