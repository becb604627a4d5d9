// The guided tour: six steps, each one click. A step uses the page as a visitor would: it types, presses, lets something
// happen, and waits for what comes of it.

import { announce, byId, el } from "./dom.js";
import { stage } from "./cluster.js";
import { messagesIn, store, until } from "./store.js";

const TEAM = "ml-team";
const ON_CALL = "ml-platform-oncall";
const BAD_NODE = "gpu-node-07";
const ANSWER = 20;
const SWEEP = 90;

const idOf = (name) => store.channels.find((one) => one.name === name)?.id;
const words = (message) => JSON.stringify([message.text, message.blocks, message.attachments]);

/** The newest message of the app in a channel that says this, said since then. */
function told(name, saying, since = "0") {
  return messagesIn(idOf(name))
    .filter((one) => one.user === store.bot.id && one.ts > since && words(one).includes(saying))
    .at(-1);
}

/** The first button with these words in the newest message that has one. */
function buttonSaying(label) {
  const saying = (node) => [...node.querySelectorAll("button.button")].find((one) => one.textContent.trim() === label);
  return [...document.querySelectorAll("#log .message")].map(saying).filter(Boolean).at(-1);
}

function show(node) {
  const message = node?.closest?.(".message") ?? node;
  message?.scrollIntoView({ block: "nearest" });
  message?.classList.add("pointed");
  setTimeout(() => message?.classList.remove("pointed"), 2500);
}

const nodeOf = (message) => byId("log").querySelector(`[data-ts="${CSS.escape(message.thread ?? message.ts)}"]`);

/** Ask the app in the team's channel; the answer. */
async function ask(page, text) {
  await page.become("ana");
  page.go(idOf(TEAM));
  const before = String(Date.now() / 1000 - 1);
  await page.write(text);
  return until(
    () =>
      messagesIn(idOf(TEAM))
        .filter((one) => one.user === store.bot.id && one.private && one.ts > before && one.blocks.length > 1)
        .at(-1),
    ANSWER,
  );
}

/** Press Acknowledge in a message that offers it. */
function acknowledge(message) {
  [...(nodeOf(message)?.querySelectorAll("button.button") ?? [])]
    .find((one) => one.textContent.trim() === "Acknowledge")
    ?.click();
}

/** Press a button, once it is there; `came` looks for what comes of it in the message with this ts, or after it. */
async function press(label, came) {
  const button = await until(() => buttonSaying(label), ANSWER);
  if (!button) return null;
  const { ts } = button.closest(".message").dataset;
  show(button);
  button.click();
  return until(() => came(ts), ANSWER);
}

const STEPS = [
  {
    title: "Ask what is broken",
    about: "Ana types /failures analyze ml-team. The answer is for her alone.",
    run: (page) => ask(page, "/failures analyze ml-team"),
  },
  {
    title: "Share it",
    about: "She presses Share to channel, and everybody reads it.",
    run: async (page) => {
      await page.become("ana");
      page.go(idOf(TEAM));
      const since = messagesIn(idOf(TEAM)).at(-1)?.ts ?? "0";
      return press("Share to channel", () =>
        messagesIn(idOf(TEAM)).find((one) => one.ts > since && !one.private && one.user === store.bot.id),
      );
    },
  },
  {
    title: "A job fails",
    about: "train-bert runs out of memory in the cluster. Ana asks why, and what to try.",
    run: async (page) => {
      await stage({ type: "fail job", mishap: "memory" });
      await until(() => store.cluster.jobs.find((one) => one.job === "train-bert" && one.state === "Failed"), ANSWER);
      await until(() => false, 1);
      return ask(page, "/failures job train-bert");
    },
  },
  {
    title: "Say what helped",
    about: "She presses This fixed it: the record of that fix grows, for everybody.",
    run: async (page) => {
      await page.become("ana");
      page.go(idOf(TEAM));
      return press("This fixed it", (ts) =>
        messagesIn(idOf(TEAM)).find((one) => one.ts === ts && words(one).includes("said it worked")),
      );
    },
  },
  {
    title: "A node goes bad",
    about: `${BAD_NODE} starts to fail its jobs. The bot looks once a minute and tells the on-call channel.`,
    run: async (page) => {
      await stage({ type: "spoil", node: BAD_NODE });
      await page.become("dana");
      page.go(idOf(ON_CALL));
      const alert = await until(() => told(ON_CALL, BAD_NODE), SWEEP);
      if (alert) acknowledge(alert);
      return alert;
    },
  },
  {
    title: "The week in one message",
    about: "Ben, who leads the team, reads the weekly digest in its channel.",
    run: async (page) => {
      await page.become("ben");
      page.go(idOf(TEAM));
      return until(() => told(TEAM, "week"), SWEEP);
    },
  },
];

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
          onclick: () => busy || ((at = index), draw()),
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
        el("p", {}, "Now break something yourself, and ask."),
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

async function run() {
  if (busy) return;
  busy = true;
  const step = STEPS[at];
  draw(step.about);
  const came = await step.run(page).finally(() => (busy = false));
  if (!came) return draw("Nothing came of it yet. Press again, or look around.");
  if (came.ts && nodeOf(came)) show(nodeOf(came));
  at += 1;
  draw();
  announce(`${step.title}: done.`);
  byId("tour-next")?.focus({ preventScroll: true });
}

/** Make the tour work on this page: what it can do there as a visitor. */
export function prepareTour(deeds) {
  page = deeds;
  byId("tour").hidden = !store.stage;
  draw();
  byId("tour-close").addEventListener("click", () => (byId("tour").hidden = true));
  byId("tour-open").addEventListener("click", () => ((byId("tour").hidden = false), byId("tour-next")?.focus()));
}
