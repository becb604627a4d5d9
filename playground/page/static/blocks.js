// Blocks as nodes, by a table of their types. A type that is not in it is shown as what it is: JSON.

import { card, carousel, container, plan, taskCard, video } from "./cards.js";
import { chart } from "./charts.js";
import { clean, el, newId } from "./dom.js";
import { drawElement, picture } from "./elements.js";
import { withEmoji } from "./emoji.js";
import { markdown } from "./markdown.js";
import { textNodes } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

function section(block, context) {
  const body = el(
    "div",
    { class: "section-body" },
    block.text && el("div", { class: "text" }, textNodes(block.text, context)),
    block.fields &&
      el(
        "div",
        { class: "fields" },
        block.fields.map((field) => el("div", { class: "text" }, textNodes(field, context))),
      ),
  );
  return [body, block.accessory && el("div", { class: "accessory" }, drawElement(block.accessory, block, context))];
}

function input(block, context) {
  const [fieldId, labelId, noteId] = [newId("field"), newId("label"), newId("note")];
  const node = drawElement(block.element, block, { ...context, fieldId, labelId });
  const isGroup = node.matches?.(".choices");
  const control = node.querySelector?.("input, select, textarea");
  control?.setAttribute("aria-describedby", [control.getAttribute("aria-describedby"), noteId].filter(Boolean).join(" "));
  const words = [textNodes(block.label, context), block.optional && el("small", {}, " (optional)")];
  return [
    isGroup ? el("span", { id: labelId, class: "label" }, words) : el("label", { for: fieldId, id: labelId }, words),
    node,
    el(
      "p",
      { class: "hint", id: noteId },
      el("span", { class: "field-error", role: "alert" }),
      block.hint && textNodes(block.hint, context),
    ),
  ];
}

const BLOCKS = {
  section,
  input,
  header: (block) => el("h3", {}, withEmoji(clean(block.text.text))),
  divider: () => el("hr"),
  context: (block, context) =>
    block.elements.map((element) =>
      element.type === "image" ? picture(element) : el("span", { class: "text" }, textNodes(element, context)),
    ),
  actions: (block, context) => block.elements.map((element) => drawElement(element, block, context)),
  context_actions: (block, context) => block.elements.map((element) => drawElement(element, block, context)),
  image: (block) =>
    el("figure", {}, block.title && el("figcaption", {}, withEmoji(clean(block.title.text))), picture(block)),
  markdown: (block) => markdown(block.text),
  rich_text: richText,
  table,
  data_table: dataTable,
  data_visualization: chart,
  card,
  carousel: carousel(drawBlock),
  container: container(drawBlock),
  plan: plan(drawBlock),
  task_card: taskCard,
  video,
  alert: (block, context) =>
    el("div", { class: `alert ${block.level ?? "default"}`, role: "note" }, textNodes(block.text, context)),
};

function unknown(block, why) {
  const words = why
    ? `Cannot draw this block (${clean(block.type)}): ${why}`
    : `Cannot draw this block: ${clean(block.type)}`;
  return el(
    "details",
    { class: "unknown" },
    el("summary", {}, words),
    el("pre", { tabindex: "0" }, JSON.stringify(block, null, 2)),
  );
}

/** The node of one block. */
export function drawBlock(block, context) {
  const draw = BLOCKS[block.type];
  let inside;
  try {
    inside = draw ? draw(block, context) : unknown(block);
  } catch (error) {
    inside = unknown(block, error.message);
  }
  return el("div", { class: `block ${draw ? block.type : ""}`, "data-block": block.block_id }, inside);
}

/** The nodes of many blocks. */
export const drawBlocks = (blocks, context) => (blocks ?? []).map((block) => drawBlock(block, context));
