// The messages of a channel and of a thread, kept current as they are said, edited and deleted.

import { dayLabel } from "./dates.js";
import { byId, el } from "./dom.js";
import { drawMessage, swap } from "./messages.js";
import {
  changed,
  channel,
  context,
  isDirect,
  lastRead,
  markRead,
  messagesIn,
  repliesTo,
  rootsIn,
  store,
} from "./store.js";

const NEAR = 160;

const isNearEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
const actions = { openThread, dismiss };

function dismiss(message) {
  store.dismissed.add(message.ts);
  drawTimeline();
  drawThread();
  byId("composer-input").focus();
}

export function openThread(message) {
  store.thread = { channel: message.channel, ts: message.ts };
  drawThread();
  byId("thread-input").focus();
}

export function closeThread() {
  store.thread = null;
  drawThread();
}

const line = (words, kind) =>
  el("p", { class: `between ${kind}`, role: "separator", "aria-label": words }, el("span", {}, words));

function empty(id) {
  const words = isDirect(id)
    ? `This is your conversation with ${store.bot.name}. Ask it something: “How do I fix OOMKilled failures?”`
    : `Nothing was said in #${channel(id)?.name ?? ""} yet. Type /failures to ask.`;
  return el("p", { class: "empty" }, words);
}

/** Draw the whole channel. */
export function drawTimeline() {
  const log = byId("log");
  const id = store.here;
  const since = lastRead(id);
  const nodes = [];
  let day = "";
  let isNew = false;
  for (const message of rootsIn(id)) {
    const label = dayLabel(message.ts, context().zone);
    if (label !== day) nodes.push(line((day = label), "day"));
    if (!isNew && since !== "0" && message.ts > since && message.user !== store.me) {
      isNew = true;
      nodes.push(line("New", "new"));
    }
    nodes.push(drawMessage(message, actions));
  }
  log.replaceChildren(...(nodes.length ? nodes : [empty(id)]));
  log.scrollTop = log.scrollHeight;
  see();
}

/** Stay with the newest message where the conversation gets narrower or lower, unless the visitor reads further up. */
export function stayAtTheEnd() {
  const log = byId("log");
  let atEnd = true;
  log.addEventListener("scroll", () => (atEnd = isNearEnd(log)));
  new ResizeObserver(() => atEnd && (log.scrollTop = log.scrollHeight)).observe(log);
}

/** What is on the screen counts as read. */
export function see() {
  if (document.visibilityState === "visible" && store.tab === "messages") markRead(store.here);
  changed();
}

/** Show one message as it is now, where it stands. */
export function showMessage(message) {
  if (store.thread && (message.thread === store.thread.ts || message.ts === store.thread.ts)) drawThread();
  const root = message.thread ? store.messages.get(message.channel)?.get(message.thread) : message;
  if (!root || root.channel !== store.here || store.tab !== "messages") return;
  const log = byId("log");
  const isNear = isNearEnd(log);
  const older = log.querySelector(`[data-ts="${CSS.escape(root.ts)}"]`);
  if (root.gone || store.dismissed.has(root.ts)) older?.remove();
  else if (older) {
    const newer = drawMessage(root, actions);
    newer.classList.add("changed");
    swap(older, newer);
  } else {
    log.querySelector(".empty")?.remove();
    if (!log.querySelector(".day")) log.append(line(dayLabel(root.ts, context().zone), "day"));
    log.append(drawMessage(root, actions));
  }
  if (isNear) log.scrollTop = log.scrollHeight;
  see();
}

/** Draw the open thread, or put it away. */
export function drawThread() {
  const panel = byId("thread");
  const root = store.thread && store.messages.get(store.thread.channel)?.get(store.thread.ts);
  document.body.classList.toggle("has-thread", Boolean(root));
  panel.hidden = !root;
  if (!root) return;
  const replies = repliesTo(root.channel, root.ts);
  const body = byId("thread-log");
  const focused = body.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  body.replaceChildren(
    drawMessage(root, { dismiss }),
    line(replies.length === 1 ? "1 reply" : `${replies.length} replies`, "day"),
    ...replies.map((reply) => drawMessage(reply, { dismiss })),
  );
  if (focused) [...body.querySelectorAll("[data-control]")].find((one) => one.dataset.control === focused)?.focus();
  body.scrollTop = body.scrollHeight;
}

/** Arrow keys go from message to message. */
export function walk(event) {
  if (!["ArrowUp", "ArrowDown"].includes(event.key) || !event.target.matches(".message, .log")) return;
  const all = [...event.currentTarget.querySelectorAll(".message")];
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? all.at(-1) : all[at + (event.key === "ArrowUp" ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** The newest message of a channel for which `is` holds. */
export const newest = (id, is) => messagesIn(id).filter(is).at(-1);
