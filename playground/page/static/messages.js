// A message as it stands in a channel or a thread, and what happens when one of its controls fails.

import { drawBlocks } from "./blocks.js";
import { clockTime, fullTime } from "./dates.js";
import { clean, el } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { act } from "./net.js";
import { context, repliesTo, store } from "./store.js";

const TROUBLE = {
  operation_timeout: "did not respond in time. Try again in a moment.",
  timeout: "did not respond in time. Try again in a moment.",
};

/** Say beside a control why its use came to nothing. */
export function showFailure(answer, node) {
  const holder = node.closest(".block") ?? node;
  holder.querySelector(".act-error")?.remove();
  const why =
    answer.refused ??
    (answer.error && `${store.bot.name} ${TROUBLE[answer.error] ?? `is not responding (${answer.error}).`}`);
  if (why) holder.append(el("p", { class: "act-error", role: "alert" }, `⚠️ ${why}`));
}

/** A tile with the first letter of a name. */
export function avatar(id, name) {
  const kind =
    id === store.bot.id ? "bot" : `tint-${[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6}`;
  return el("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, (name[0] ?? "?").toUpperCase());
}

function attachment(part, here) {
  const inside = part.blocks?.length
    ? drawBlocks(part.blocks, here)
    : [el("div", { class: "text" }, mrkdwn(part.text ?? part.fallback ?? "", here))];
  const node = el(
    "div",
    { class: "attachment" },
    part.pretext && el("div", {}, mrkdwn(part.pretext, here)),
    part.title && el("strong", {}, part.title),
    inside,
  );
  const colour =
    { good: "#2eb886", warning: "#daa038", danger: "#a30200" }[part.color] ??
    `#${String(part.color ?? "").replace(/^#/, "")}`;
  if (/^#[0-9a-f]{6}$/i.test(colour)) node.style.borderInlineStartColor = colour;
  return node;
}

function top(message, name, zone) {
  return el(
    "header",
    {},
    el("strong", {}, name),
    message.app && el("span", { class: "badge" }, "APP"),
    el(
      "time",
      { title: fullTime(message.ts, zone), datetime: new Date(message.ts * 1000).toISOString() },
      clockTime(message.ts, zone),
    ),
    message.edited && el("small", {}, "(edited)"),
  );
}

function threadLine(message, openThread) {
  const replies = repliesTo(message.channel, message.ts);
  if (!replies.length) return null;
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  const last = clockTime(replies.at(-1).ts, context().zone);
  return el(
    "button",
    { type: "button", class: "thread-line", onclick: () => openThread(message) },
    `💬 ${count} `,
    el("small", {}, `last at ${last}`),
  );
}

/** The article of a message. `openThread` and `dismiss` are what its own buttons do; without the first it stands in a thread. */
export function drawMessage(message, { openThread, dismiss }) {
  const name = clean(store.names[message.user] ?? message.user);
  const here = context({ place: { channel: message.channel, ts: message.ts }, act, failed: showFailure });
  const hasContent = message.blocks.length || message.attachments.length;
  const words = message.blocks.length
    ? drawBlocks(message.blocks, here)
    : message.text && !message.attachments.some((one) => one.blocks?.length)
      ? el("div", { class: "block text" }, mrkdwn(message.text, here))
      : null;
  const canReply = openThread && !message.private;
  return el(
    "article",
    {
      class: message.private ? "message private" : "message",
      "data-ts": message.ts,
      tabindex: "-1",
      "aria-label": `${name}${message.private ? ", only visible to you" : ""}: ${clean(message.text).slice(0, 160) || (hasContent ? "a message" : "")}`,
    },
    avatar(message.user, name),
    el(
      "div",
      { class: "message-body" },
      message.private &&
        el(
          "p",
          { class: "private-line" },
          "👁 Only visible to you",
          " · ",
          el("button", { type: "button", class: "link", onclick: () => dismiss(message) }, "Dismiss"),
        ),
      top(message, name, here.zone),
      words,
      message.attachments.map((part) => attachment(part, here)),
      message.files.map((file) => el("p", { class: "file" }, `📎 ${file}`)),
      Object.keys(message.reactions).length > 0 &&
        el(
          "p",
          { class: "reactions" },
          Object.entries(message.reactions).map(([name, users]) =>
            el(
              "span",
              { class: "reaction", title: users.map((id) => store.names[id] ?? id).join(", ") },
              `${emoji(name)} ${users.length}`,
            ),
          ),
        ),
      openThread && threadLine(message, openThread),
    ),
    canReply &&
      el(
        "div",
        { class: "hover" },
        el("button", { type: "button", class: "button small", onclick: () => openThread(message) }, "Reply in thread"),
      ),
  );
}

/** Put a newer node in the place of an older one, so that a person who was using it can go on. */
export function swap(older, newer) {
  const active = document.activeElement;
  const control = older.contains(active) ? active.dataset.control : undefined;
  const hadFocus = older.contains(active);
  older.replaceWith(newer);
  if (!hadFocus) return;
  const block = control?.split("/")[0];
  const alike = [...newer.querySelectorAll("[data-control]")];
  const next =
    alike.find((one) => one.dataset.control === control) ??
    alike.find((one) => one.dataset.control.startsWith(`${block}/`)) ??
    newer;
  next.focus({ preventScroll: true });
}
