// The rich_text block: sections, lists, quotes and preformatted text made of styled runs.

import { clean, el } from "./dom.js";
import { slackDate } from "./dates.js";
import { emoji } from "./emoji.js";
import { hyperlink } from "./mrkdwn.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark" };

const named = (sign, field) => (run, context) =>
  el(
    "span",
    { class: run[field] === context.me ? "mention me" : "mention" },
    `${sign}${context.names[run[field]] ?? run[field]}`,
  );

const RUNS = {
  text: (run) => (run.style?.code ? el("code", {}, run.text) : clean(run.text)),
  link: (run) => hyperlink(run.url, run.text || run.url),
  emoji: (run) => emoji(run.name),
  user: named("@", "user_id"),
  usergroup: named("@", "usergroup_id"),
  channel: named("#", "channel_id"),
  broadcast: (run) => el("span", { class: "mention call" }, `@${run.range}`),
  date: (run, context) => el("time", {}, slackDate(run.timestamp, run.format ?? "", run.fallback ?? "", context.zone)),
  color: (run) => clean(run.value),
};

function runNode(run, context) {
  const draw = RUNS[run.type];
  if (!draw) return el("code", { class: "unknown-run" }, JSON.stringify(run));
  let node = draw(run, context);
  for (const [style, tag] of Object.entries(STYLES)) if (run.style?.[style]) node = el(tag, {}, node);
  return node;
}

const runs = (part, context) => (part.elements ?? []).map((run) => runNode(run, context));

const PARTS = {
  rich_text_section: (part, context) => el("p", { class: "rt-section" }, runs(part, context)),
  rich_text_preformatted: (part, context) => el("pre", { tabindex: "0" }, runs(part, context)),
  rich_text_quote: (part, context) => el("blockquote", {}, runs(part, context)),
  rich_text_list: (part, context) => {
    const list = el(part.style === "ordered" ? "ol" : "ul", { "data-indent": part.indent ? String(Math.min(part.indent, 3)) : null });
    if (part.offset) list.start = part.offset + 1;
    list.append(...part.elements.map((item) => el("li", {}, runs(item, context))));
    return list;
  },
};

/** The nodes of a rich_text block. */
export function richText(block, context) {
  return (block.elements ?? []).map((part) => {
    const draw = PARTS[part.type];
    return draw ? draw(part, context) : el("pre", { tabindex: "0" }, JSON.stringify(part, null, 2));
  });
}
