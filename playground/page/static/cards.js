// Blocks that hold others, and what is drawn like a card: container, carousel, card, plan, task card, video.

import { clean, el } from "./dom.js";
import { drawElement, picture } from "./elements.js";
import { withEmoji } from "./emoji.js";
import { hyperlink, textNodes } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const TASKS = { pending: "○ To do", in_progress: "◐ At it", complete: "✓ Done", error: "✕ Failed" };

const heading = (block, title, context) => [
  block.icon && picture(block.icon),
  el(
    "span",
    {},
    el("strong", {}, title),
    block.subtitle && el("small", { class: "subtitle" }, textNodes(block.subtitle, context)),
  ),
];

/** A card: picture, title, words, buttons. */
export function card(block, context) {
  return [
    block.hero_image && picture(block.hero_image),
    (block.title || block.icon || block.subtitle) &&
      el("div", { class: "card-head" }, heading(block, block.title && textNodes(block.title, context), context)),
    block.body && el("div", { class: "text" }, textNodes(block.body, context)),
    block.actions?.length &&
      el(
        "div",
        { class: "card-actions" },
        block.actions.map((element) => drawElement(element, block, context)),
      ),
  ];
}

/** Cards beside each other. */
export const carousel = (draw) => (block, context) =>
  el(
    "div",
    { class: "cards", role: "group", "aria-label": "Cards", tabindex: "0" },
    block.elements.map((one) => draw(one, context)),
  );

/** A box around other blocks, which may be folded. */
export const container = (draw) => (block, context) => {
  const title = block.rich_text_title ? richText(block.rich_text_title, context) : textNodes(block.title, context);
  const inside = block.child_blocks.map((one) => draw(one, context));
  const kind = `box ${block.width ?? "standard"}`;
  if (!block.is_collapsible)
    return el(
      "section",
      { class: kind },
      el(
        "div",
        { class: block.has_header_divider ? "card-head divided" : "card-head" },
        heading(block, title, context),
      ),
      inside,
    );
  return el(
    "details",
    { class: kind, open: !block.default_collapsed },
    el("summary", {}, heading(block, title, context)),
    inside,
  );
};

/** One thing to do, with how far it is. */
export function taskCard(block, context) {
  const status = block.status ?? "pending";
  return el(
    "div",
    { class: `task ${status}` },
    el("strong", {}, withEmoji(clean(block.title))),
    " ",
    el("small", { class: "task-status" }, TASKS[status] ?? clean(status)),
    block.details && richText(block.details, context),
    block.output && el("div", { class: "task-output" }, richText(block.output, context)),
    block.sources?.length &&
      el(
        "ul",
        { class: "sources" },
        block.sources.map((one) => el("li", {}, hyperlink(one.url, clean(one.text)))),
      ),
  );
}

/** Things to do under one title. */
export const plan = (draw) => (block, context) => [
  el("strong", {}, withEmoji(clean(block.title))),
  (block.tasks ?? []).map((one) => draw(one, context)),
];

/** What a video would show; it is not fetched. */
export function video(block, context) {
  const title = clean(block.title.text);
  return el(
    "figure",
    {},
    el("figcaption", {}, block.title_url ? hyperlink(block.title_url, title) : title),
    picture({ image_url: block.thumbnail_url, alt_text: `▶ ${block.alt_text}` }),
    block.description && el("p", {}, textNodes(block.description, context)),
    el("small", {}, [block.author_name, block.provider_name].filter(Boolean).join(" · ")),
  );
}
