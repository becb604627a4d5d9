// Menus whose options the app gives while somebody types.

import { clean, el, newId } from "./dom.js";
import { field } from "./fields.js";

/** Such a menu; what was chosen stands beside it, at most so many options. */
const external = (most) => (element, block, context) => {
  const listId = newId("found");
  const initial = element.initial_options ?? (element.initial_option ? [element.initial_option] : []);
  let picked = [...initial];
  let found = [];
  const input = el("input", {
    type: "text",
    id: context.fieldId,
    role: "combobox",
    autocomplete: "off",
    "aria-expanded": "false",
    "aria-controls": listId,
    placeholder: clean(element.placeholder?.text ?? "Type to search"),
  });
  const list = el("ul", { id: listId, class: "found", role: "listbox", "aria-label": "What fits", hidden: true });
  const chosen = el("span", { class: "picked", "aria-live": "polite" });
  const node = el("span", { class: "external" }, chosen, input, list);
  const draw = () => {
    chosen.replaceChildren(
      ...picked.map((one) =>
        el(
          "button",
          { type: "button", class: "button small", "aria-label": `Take back ${clean(one.text.text)}`, onclick: () => drop(one) },
          clean(one.text.text),
          " ✕",
        ),
      ),
    );
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    list.replaceChildren(
      ...found.map((one) =>
        el(
          "li",
          { role: "option", "aria-selected": "false", tabindex: "-1", onclick: () => pick(one), onkeydown: walk },
          clean(one.text.text),
        ),
      ),
    );
  };
  const told = () => node.dispatchEvent(new Event("change"));
  const drop = (one) => ((picked = picked.filter((other) => other !== one)), draw(), input.focus(), told());
  const pick = (one) => {
    picked = [...picked, one].slice(-most);
    found = [];
    input.value = "";
    draw();
    input.focus();
    told();
  };
  const walk = (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) (event.target[step] ?? input).focus();
    else if (event.key === "Enter") event.target.click();
    else if (event.key === "Escape") ((found = []), draw(), input.focus());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const search = async () => {
    const typedNow = input.value.trim();
    if (typedNow.length < (element.min_query_length ?? 3)) return ((found = []), draw());
    const place = { who: context.me, block: block.block_id ?? "", action: element.action_id ?? "", ...context.place };
    const answer = await context.act({ type: "suggest", text: typedNow, ...place });
    if (input.value.trim() !== typedNow) return;
    found = answer.options ?? (answer.option_groups ?? []).flatMap((group) => group.options);
    draw();
    context.failed?.(answer, node);
  };
  input.addEventListener("input", search);
  input.addEventListener("change", (event) => event.stopPropagation()); // what is typed is no choice yet
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key !== "ArrowDown" || !found.length) return;
    event.preventDefault();
    list.firstElementChild.focus();
  });
  draw();
  return field(node, input, element, block, context, {
    read: () => (most > 1 ? picked : (picked[0] ?? null)),
    write: (value) => ((picked = [value ?? []].flat()), draw()),
  });
};

export const EXTERNAL = { external_select: external(1), multi_external_select: external(100) };
