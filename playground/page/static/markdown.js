// The `markdown` block: the part of Markdown that apps write. What it does not know is shown as it was written.

import { clean, el } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { hyperlink } from "./mrkdwn.js";

const INLINE =
  /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*(?=\S)([\s\S]+?)(?<=\S)\*\*|~~(?=\S)([\s\S]+?)(?<=\S)~~|(?<![\w*])[*_](?=\S)([^*_\n]+?)(?<=\S)[*_](?![\w*])/g;

/** The nodes of a Markdown text. */
export function markdown(text) {
  const lines = clean(text).split("\n");
  const nodes = [];
  while (lines.length) nodes.push(...block(lines));
  return nodes;
}

function block(lines) {
  const line = lines[0];
  if (!line.trim()) return (lines.shift(), []);
  if (/^```/.test(line)) return [fence(lines)];
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading)
    return (lines.shift(), [el("p", { class: "md-heading", role: "heading", "aria-level": "4" }, inline(heading[2]))]);
  if (/^\s*([-*_]\s*){3,}$/.test(line)) return (lines.shift(), [el("hr")]);
  if (/^\s*>/.test(line))
    return [el("blockquote", {}, markdown(take(lines, /^\s*>/, (one) => one.replace(/^\s*>\s?/, "")).join("\n")))];
  if (/^\s*[-*+]\s/.test(line))
    return [
      list(
        "ul",
        take(lines, /^\s*[-*+]\s/, (one) => one.replace(/^\s*[-*+]\s+/, "")),
      ),
    ];
  if (/^\s*\d+[.)]\s/.test(line))
    return [
      list(
        "ol",
        take(lines, /^\s*\d+[.)]\s/, (one) => one.replace(/^\s*\d+[.)]\s+/, "")),
      ),
    ];
  if (line.includes("|") && /^[\s|:-]+$/.test(lines[1] ?? "")) return [table(lines)];
  return [
    el("p", {}, inline(take(lines, /^(?!```|#{1,6}\s|\s*>|\s*[-*+]\s|\s*\d+[.)]\s)\s*\S/, (one) => one).join("\n"))),
  ];
}

function take(lines, pattern, change) {
  const taken = [change(lines.shift())];
  while (lines.length && pattern.test(lines[0])) taken.push(change(lines.shift()));
  return taken;
}

function fence(lines) {
  lines.shift();
  const code = [];
  while (lines.length && !/^```/.test(lines[0])) code.push(lines.shift());
  lines.shift();
  return el("pre", { tabindex: "0" }, code.join("\n"));
}

const list = (tag, items) =>
  el(
    tag,
    {},
    items.map((item) => el("li", {}, inline(item))),
  );

function table(lines) {
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => inline(cell.trim()));
  const head = cells(lines.shift());
  lines.shift();
  const rows = [];
  while (lines.length && lines[0].includes("|")) rows.push(cells(lines.shift()));
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "table" },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head.map((cell) => el("th", { scope: "col" }, cell)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            row.map((cell) => el("td", {}, cell)),
          ),
        ),
      ),
    ),
  );
}

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(withEmoji(text.slice(end, match.index)));
    const [, code, words, address, strong, struck, em] = match;
    if (code !== undefined) nodes.push(el("code", {}, code));
    else if (words !== undefined) nodes.push(hyperlink(address, words));
    else if (strong !== undefined) nodes.push(el("strong", {}, inline(strong)));
    else if (struck !== undefined) nodes.push(el("s", {}, inline(struck)));
    else nodes.push(el("em", {}, inline(em)));
    end = match.index + match[0].length;
  }
  nodes.push(withEmoji(text.slice(end)));
  return nodes.filter((node) => node !== "");
}
