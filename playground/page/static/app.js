// The page: what the playground tells is taken in and drawn, and what the visitor does is told to it.

import { drawCluster, prepareCluster } from "./cluster.js";
import { compose } from "./composer.js";
import { announce, byId, clean } from "./dom.js";
import { drawHead, drawLink, drawPlaces, drawRoles, title } from "./frame.js";
import { drawHome, drawModal, watchModal } from "./modal.js";
import { act, listen } from "./net.js";
import { changed, channel, isDirect, role, store, take, until } from "./store.js";
import { closeThread, drawThread, drawTimeline, see, showMessage, stayAtTheEnd, walk } from "./timeline.js";
import { prepareTour } from "./tour.js";

let hangUp = () => {};

// ---- where the visitor is

function drawAll() {
  drawRoles(become);
  drawHead();
  drawTimeline();
  drawPlaces(go);
  drawThread();
  drawHome();
  drawModal();
  drawLink();
  drawCluster();
}

/** Go to a channel or conversation. */
function go(id) {
  if (!channel(id)) return;
  store.here = id;
  store.tab = "messages";
  sessionStorage.setItem("here", channel(id).kind === "im" ? "dm" : id);
  pane("talk");
  drawHead();
  drawTimeline();
  drawPlaces(go);
}

/** Be another person from now on. */
async function become(name) {
  const other = store.roles.find((one) => one.name === name);
  if (!other || other.id === store.me) return;
  sessionStorage.setItem("me", other.id);
  connect(other.id);
  await until(() => store.me === other.id, 5);
}

function tab(name) {
  store.tab = name;
  drawHead();
  drawHome();
  if (name === "home" && store.hasHome) act({ type: "home", who: store.me });
  if (name === "messages") drawTimeline();
}

function pane(name) {
  document.body.dataset.pane = name;
  for (const button of byId("panes").children)
    button.setAttribute("aria-pressed", String(button.dataset.pane === name));
}

// ---- what the playground tells

function tookEverything(given) {
  const isSomebodyElse = store.me !== given.me;
  Object.assign(store, given, { messages: new Map() });
  given.messages.forEach(take);
  if (isSomebodyElse) Object.assign(store, { thread: null, tab: "messages" });
  const remembered = sessionStorage.getItem("here");
  const wanted = remembered === "dm" ? role()?.dm : remembered;
  store.here = [
    store.here && !isDirect(store.here) ? store.here : null,
    wanted,
    given.startIn,
    given.channels[0]?.id,
  ].find((id) => id && channel(id));
  prepareCluster();
  drawAll();
  byId("page").setAttribute("aria-busy", "false");
  byId("tour").dataset.ready ||= (prepareTour({ become, go, tab, write: main.write }), "yes");
  changed();
}

function tookMessage(message) {
  const isNews = !message.gone && !store.messages.get(message.channel)?.has(message.ts);
  take(message);
  showMessage(message);
  drawPlaces(go);
  if (isNews && message.user !== store.me)
    announce(`${clean(store.names[message.user] ?? "")} in ${title(message.channel)}: ${message.text}`);
  changed();
}

function then(assign, ...draw) {
  return (given) => {
    assign(given);
    draw.forEach((one) => one());
    changed();
  };
}

const handlers = {
  everything: tookEverything,
  message: tookMessage,
  names: then(
    (given) => Object.assign(store, given),
    () => drawPlaces(go),
    drawHead,
  ),
  view: then((given) => (store.modal = given), drawModal),
  home: then((given) => (store.home = given), drawHome),
  link: then((given) => (store.link = given), drawLink, drawCluster),
  cluster: then((given) => (store.cluster = given), drawCluster),
};

function connect(person) {
  hangUp();
  byId("page").setAttribute("aria-busy", "true");
  hangUp = listen(person, handlers, {
    found: () => (byId("lost").hidden = true),
    lost: () => (byId("lost").hidden = false),
  });
}

// ---- the frame

function theme(next) {
  const themes = ["auto", "light", "dark"];
  const now = next ?? themes[(themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % 3];
  document.documentElement.dataset.theme = now;
  localStorage.setItem("theme", now);
  byId("theme").textContent = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" }[now];
  byId("theme").setAttribute("aria-label", `Colours: ${now}. Change`);
}

const main = compose("composer", () => ({ channel: store.here }));
compose("thread", () => ({ channel: store.thread.channel, thread: store.thread.ts }));
watchModal();
stayAtTheEnd();
theme(localStorage.getItem("theme") ?? "auto");
byId("theme").addEventListener("click", () => theme());
byId("thread-close").addEventListener("click", closeThread);
byId("log").addEventListener("keydown", walk);
byId("thread-log").addEventListener("keydown", walk);
byId("tabs").addEventListener("click", (event) => event.target.dataset.tab && tab(event.target.dataset.tab));
byId("panes").addEventListener("click", (event) => event.target.dataset.pane && pane(event.target.dataset.pane));
document.addEventListener("visibilitychange", () => store.me && see());
document.addEventListener(
  "keydown",
  (event) => event.key === "Escape" && store.thread && !document.querySelector("dialog[open]") && closeThread(),
);
pane("talk");
connect(sessionStorage.getItem("me"));
