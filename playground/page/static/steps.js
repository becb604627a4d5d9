// What happens in the steps of the tour. A step uses the page as a visitor would: it types, presses, lets something
// happen, and waits for what comes of it. It gives what came, and nothing where nothing did.

import { stage } from "./cluster.js";
import { byId } from "./dom.js";
import { messagesIn, role, store, until } from "./store.js";

const TEAM = "ml-team";
const ON_CALL = "ml-platform-oncall";
const BAD_NODE = "gpu-node-07";
const NAME_IT = "Name this cause…";
const TAKEN = "CUDA out of memory";
const KNOWN = {
  name: "Licence server away",
  explanation: "The licence server restarts at night, and jobs do not wait for it.",
  owner: "platform",
  remedy: "Submit the job again after 04:00",
};
const ANSWER = 20;
const SWEEP = 90;

const idOf = (name) => store.channels.find((one) => one.name === name)?.id;
const words = (message) => JSON.stringify([message.text, message.blocks, message.attachments]);
const newestTs = (name) => messagesIn(idOf(name)).at(-1)?.ts ?? "0";
/** How long a visitor is given to look; with `?brisk` in the address a third of that. */
const BREATH = new URLSearchParams(location.search).has("brisk") ? 300 : 1000;
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * BREATH));

/** The newest message of the app in a channel, said since then, for which `is` holds. */
const told = (name, since, is) =>
  messagesIn(idOf(name))
    .filter((one) => one.user === store.bot.id && one.ts > since && is(one))
    .at(-1);

const nodeOf = (message) => byId("log").querySelector(`[data-ts="${CSS.escape(message.thread ?? message.ts)}"]`);
const labelled = (node, label) =>
  [...(node?.querySelectorAll("button.button") ?? [])].find((one) => one.textContent.trim() === label);

/** Let the eye find a message. */
export function point(message) {
  const node = message.ts && nodeOf(message);
  if (!node) return;
  node.scrollIntoView({ block: "nearest" });
  node.classList.add("pointed");
  setTimeout(() => node.classList.remove("pointed"), 2500);
}

async function be(page, name, place) {
  await page.become(name);
  page.go(idOf(place));
}

/** Ask the app; its answer, which more than one block makes: the others only say that it is at work. */
async function ask(page, name, text) {
  await be(page, name, TEAM);
  const since = newestTs(TEAM);
  await page.write(text);
  return until(() => told(TEAM, since, (one) => one.private && one.blocks.length > 1), ANSWER);
}

/** Press a button of a message once it is there; gives what then comes. */
async function press(message, label, came) {
  const button = await until(() => labelled(nodeOf(message), label), ANSWER);
  if (!button) return null;
  point(message);
  button.click();
  return until(came, ANSWER);
}

/** Fill in the open form and send it; gives what then comes. */
function submit(values, came) {
  for (const field of byId("modal").querySelectorAll(".field")) if (field.block in values) field.write(values[field.block]);
  byId("modal").querySelector("button[type=submit]").click();
  return until(came, ANSWER);
}

/** Press what the open modal offers in its place of Cancel. */
const leave = () => byId("modal").querySelector("footer .button").click();

const formError = () => byId("modal").querySelector(".field-error:not(:empty)");

/** Let a job fail, and wait until it has, and until its log is read. Others of its name may have failed before. */
async function failed(mishap) {
  const { job } = store.stage.mishaps.find((one) => one.name === mishap);
  const pods = () => store.cluster.jobs.filter((one) => one.job.startsWith(job) && one.state === "Failed").map((one) => one.pod);
  const before = new Set(pods());
  await stage({ type: "fail job", mishap });
  await until(() => pods().some((pod) => !before.has(pod)), ANSWER);
  await new Promise((done) => setTimeout(done, 2500)); // the bot reads the log meanwhile
}

async function askAndShare(page) {
  const answer = await ask(page, "ana", "/failures analyze ml-team");
  if (!answer) return null;
  point(answer);
  await pause(2);
  return press(answer, "Share to channel", () => told(TEAM, answer.ts, (one) => !one.private));
}

async function failAndFix(page, say) {
  await failed("memory");
  say("Ana asks why, and what to try. She presses This fixed it: that record grows, for everybody.");
  const answer = await ask(page, "ana", "/failures job train-bert");
  if (!answer) return null;
  await pause(1);
  return press(answer, "This fixed it", () =>
    messagesIn(answer.channel).find((one) => one.ts === answer.ts && words(one).includes("said it worked")),
  );
}

/** Ben's list of what nobody can explain, from before it got a name. */
let outdated = null;

async function nameTheUnknown(page, say) {
  await failed("mystery");
  outdated = await ask(page, "ben", "/failures unknown");
  say("The bot does not guess. Ana knows what it was, and gives it a name: first one that is taken.");
  const list = await ask(page, "ana", "/failures unknown");
  if (!list || !(await press(list, NAME_IT, () => store.modal))) return null;
  await pause(1);
  if (!(await submit({ ...KNOWN, name: TAKEN }, formError))) return null;
  await pause(3);
  const form = store.modal;
  if (!(await submit(KNOWN, () => store.modal !== form && !formError()))) return null;
  await pause(2);
  leave();
  return ask(page, "ana", `/failures fix ${KNOWN.name}`);
}

async function pressTooLate(page) {
  outdated ??= await ask(page, "ben", "/failures unknown");
  if (!outdated) return null;
  await be(page, "ben", TEAM);
  await pause(1);
  const since = newestTs(TEAM);
  return press(outdated, NAME_IT, () => told(TEAM, since, (one) => one.private));
}

async function badNode(page, say) {
  await stage({ type: "spoil", node: BAD_NODE });
  await stage({ type: "hurry", speed: 10 });
  await be(page, "dana", ON_CALL);
  const alert = await until(() => told(ON_CALL, "0", (one) => words(one).includes(BAD_NODE)), SWEEP);
  await stage({ type: "hurry", speed: 1 });
  if (!alert) return null;
  say("Dana, who is on call, acknowledges it.");
  await pause(1);
  const done = () => told(ON_CALL, "0", (one) => one.ts === alert.ts && words(one).includes("Acknowledged"));
  return press(alert, "Acknowledge", done);
}

async function monday(page, say) {
  await page.become("dana");
  page.go(role().dm);
  page.tab("home");
  if (!(await until(() => store.home, ANSWER))) return null;
  await pause(3);
  await be(page, "ben", TEAM);
  say("The clock is set forward to Monday, 9:00. Ben, who leads the team, reads the weekly digest.");
  await stage({ type: "skip", to: "monday" });
  const nine = await until(() => store.cluster.clock.now % 3600 < 60 && store.cluster.clock.now, ANSWER);
  const since = String(nine - (nine % 60));
  return until(() => told(TEAM, since, (one) => !one.thread && one.text.includes("week")), SWEEP);
}

export const STEPS = [
  {
    title: "Ask what is broken",
    about: "Ana types /failures analyze ml-team. The answer is for her alone, until she presses Share to channel.",
    run: askAndShare,
  },
  {
    title: "A job fails",
    about: "train-bert runs out of memory in the cluster. Ana asks why, and says which fix helped.",
    run: failAndFix,
  },
  {
    title: "What nobody can explain",
    about: "A job fails of something the bot does not know. Ana names the cause; the form tells her what is wrong with it.",
    run: nameTheUnknown,
  },
  {
    title: "A button that is out of date",
    about: "Ben’s list is older than the name, and still offers to give one. He presses, and is told why nothing happens.",
    run: pressTooLate,
  },
  {
    title: "A node goes bad",
    about: `${BAD_NODE} fails its jobs. The bot looks once a minute, so the clock is hurried; the on-call channel is told.`,
    run: badNode,
  },
  {
    title: "Home, and next Monday",
    about: "Dana looks at the bot’s Home tab. Then the clock is set forward, and the week comes in one message.",
    run: monday,
  },
];
