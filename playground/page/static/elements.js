// The elements a person uses: buttons, overflow menus, pictures; what can be filled in is in fields.js.

import { clean, el, newId } from "./dom.js";
import { EXTERNAL } from "./external.js";
import { FIELDS } from "./fields.js";
import { textNodes } from "./mrkdwn.js";
import { use } from "./using.js";

function button(element, block, context) {
  const node = el(
    "button",
    {
      type: "button",
      class: `button ${element.style ?? ""}`,
      "aria-label": element.accessibility_label,
      "data-control": `${block.block_id}/${element.action_id}`,
      onclick: async () => {
        if (node.getAttribute("aria-busy")) return;
        if (element.url && /^https?:/i.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
        if (element.action_id) await use(node, element, block, context, { type: "press" });
      },
    },
    textNodes(element.text, context),
  );
  return node;
}

function overflow(element, block, context) {
  const id = newId("menu");
  const close = (focus) => {
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (focus) opener.focus();
  };
  const item = (option) =>
    el(
      "button",
      {
        type: "button",
        role: "menuitem",
        onclick: async () => {
          close(true);
          if (option.url && /^https?:/i.test(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
          await use(opener, element, block, context, { type: "choose", option: option.value });
        },
      },
      textNodes(option.text, context),
      option.description && el("small", {}, textNodes(option.description, context)),
    );
  const menu = el("div", { id, class: "menu", role: "menu", hidden: true }, element.options.map(item));
  const opener = el(
    "button",
    {
      type: "button",
      class: "button overflow",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": id,
      "data-control": `${block.block_id}/${element.action_id}`,
      onclick: () => {
        menu.hidden = !menu.hidden;
        opener.setAttribute("aria-expanded", String(!menu.hidden));
        if (menu.hidden) return;
        menu.scrollIntoView({ block: "nearest" });
        menu.firstElementChild.focus();
      },
    },
    "⋯",
  );
  const move = (event) => {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") close(true);
    else if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const box = el("span", { class: "menu-box", onkeydown: move }, opener, menu);
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || close(false));
  return box;
}

function feedback(element, block, context) {
  const one = (part, mark) => {
    const node = el(
      "button",
      {
        type: "button",
        class: "button quiet",
        "aria-label": part.accessibility_label,
        onclick: () => use(node, element, block, context, { type: "press" }),
      },
      mark,
      " ",
      textNodes(part.text, context),
    );
    return node;
  };
  return el("span", { class: "feedback" }, one(element.positive_button, "👍"), one(element.negative_button, "👎"));
}

/** A button that would start a workflow of the workspace: there is none here. */
function workflow(element, block, context) {
  const node = button({ ...element, action_id: "" }, block, context);
  node.disabled = true;
  node.title = "It would start a workflow; the playground has none.";
  return node;
}

/** What an image would show; pictures from elsewhere are not fetched. */
export function picture(image) {
  const from = image.image_url ? new URL(image.image_url, location.href) : null;
  if (from?.origin === location.origin) return el("img", { src: from.href, alt: clean(image.alt_text) });
  const words = from ? `image of ${from.host}, not fetched` : "uploaded image";
  return el(
    "span",
    { class: "picture", role: "img", "aria-label": clean(image.alt_text) },
    `🖼 ${clean(image.alt_text)} `,
    el("small", {}, `(${words})`),
  );
}

const ELEMENTS = {
  button,
  overflow,
  image: picture,
  ...FIELDS,
  ...EXTERNAL,
  workflow_button: workflow,
  feedback_buttons: feedback,
  icon_button: (element, block, context) =>
    button({ ...element, text: { type: "plain_text", text: `🗑 ${element.text.text}` } }, block, context),
};

/** The node of an element, or an honest word where it cannot be drawn. */
export function drawElement(element, block, context) {
  const draw = ELEMENTS[element?.type];
  return draw
    ? draw(element, block, context)
    : el("span", { class: "unknown" }, `cannot draw this element: ${clean(element?.type)}`);
}
