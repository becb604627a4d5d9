// Slack's mrkdwn as nodes: bold, italic, struck, code, quotes, links, mentions, dates.

import { clean, el } from "./dom.js";
import { slackDate } from "./dates.js";
import { withEmoji } from "./emoji.js";

const TOKEN = new RegExp(
  [
    "```(?<pre>[\\s\\S]+?)```",
    "`(?<code>[^`\\n]+)`",
    "<(?<reference>[^<>\\n]+)>",
    "(?<![\\p{L}\\p{N}*])\\*(?=\\S)(?<strong>[^*\\n]+?)(?<=\\S)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?=\\S)(?<em>[^_\\n]+?)(?<=\\S)_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?=\\S)(?<s>[^~\\n]+?)(?<=\\S)~(?![\\p{L}\\p{N}~])",
  ].join("|"),
  "gu",
);
const CALLS = { here: "@here", channel: "@channel", everyone: "@everyone" };
const SAFE = /^(https?:|mailto:)/i;

/** What Slack has escaped, as it was meant. */
export const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** The nodes of a mrkdwn text. `context` knows the names by id and the time zone. */
export function mrkdwn(text, context) {
  const nodes = [];
  let quoted = [];
  const endQuote = () => {
    if (quoted.length) nodes.push(el("blockquote", {}, marked(quoted.join("\n"), context)));
    quoted = [];
  };
  const parts = clean(text).split(/(```[\s\S]+?```)/);
  for (const part of parts) {
    if (part.startsWith("```") && part.length > 6) {
      endQuote();
      nodes.push(...marked(part, context));
      continue;
    }
    let plain = [];
    for (const line of part.split("\n")) {
      if (line.startsWith("&gt;")) {
        if (plain.length) nodes.push(...marked(plain.join("\n"), context));
        plain = [];
        quoted.push(line.slice(4).trimStart());
      } else {
        endQuote();
        plain.push(line);
      }
    }
    endQuote();
    nodes.push(...marked(plain.join("\n"), context));
  }
  return nodes;
}

function marked(text, context) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(withEmoji(unescaped(text.slice(end, match.index))));
    nodes.push(token(match.groups, context));
    end = match.index + match[0].length;
  }
  nodes.push(withEmoji(unescaped(text.slice(end))));
  return nodes.filter((node) => node !== "");
}

function token(groups, context) {
  const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
  const inner = groups[kind];
  if (kind === "pre") return el("pre", { tabindex: "0" }, unescaped(inner).replace(/^\n|\n$/g, ""));
  if (kind === "code") return el("code", {}, unescaped(inner));
  if (kind === "reference") return reference(inner, context);
  return el(kind, {}, marked(inner, context));
}

function reference(inner, context) {
  const bar = inner.indexOf("|");
  const target = unescaped(bar < 0 ? inner : inner.slice(0, bar));
  const label = bar < 0 ? "" : unescaped(inner.slice(bar + 1));
  if (/^[@#]/.test(target))
    return mention(target[0], label || context.names[target.slice(1)] || target.slice(1), target.slice(1), context);
  if (target.startsWith("!date^")) {
    const [, seconds, pattern = "", link] = target.split("^");
    const words = slackDate(seconds, pattern, label, context.zone);
    return link ? hyperlink(link, words) : el("time", { title: label }, words);
  }
  if (target.startsWith("!subteam^"))
    return mention("", label || `@${context.names[target.slice(9)] ?? target.slice(9)}`);
  if (target.startsWith("!")) return el("span", { class: "mention call" }, CALLS[target.slice(1)] ?? label ?? target);
  return hyperlink(target, label || target);
}

function mention(sign, name, id, context) {
  return el("span", { class: id && id === context?.me ? "mention me" : "mention" }, `${sign}${name}`);
}

/** A link that opens beside the page; only the words, where the address is no web address. */
export function hyperlink(address, words) {
  if (!SAFE.test(address)) return el("span", {}, words);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, withEmoji(words));
}

/** The nodes of a text object, plain or mrkdwn. */
export function textNodes(text, context) {
  if (text?.type === "mrkdwn") return mrkdwn(text.text, context);
  return [withEmoji(clean(text?.text))];
}
