// Where a person writes. A slash offers the app's commands, an @ the members.

import { byId, clean, el } from "./dom.js";
import { act } from "./net.js";
import { store } from "./store.js";

/** What can stand next, for what stands there up to the cursor. */
function offers(text) {
  const mention = /(^|\s)@([\w-]*)$/.exec(text);
  if (mention) {
    const names = Object.entries(store.names).filter(([id]) => id.startsWith("U") && id !== "USLACKBOT");
    return names
      .filter(([, name]) => name.startsWith(mention[2]))
      .map(([, name]) => ({
        label: `@${name}`,
        about: "",
        text: `${text.slice(0, text.length - mention[2].length)}${name} `,
      }));
  }
  if (!text.startsWith("/") || text.includes("\n")) return [];
  return store.commands.flatMap(({ command, description, uses }) => {
    if (!text.startsWith(`${command} `))
      return command.startsWith(text)
        ? [{ label: command, about: description, text: `${command} ` }, ...uses.map((use) => offer(command, use))]
        : [];
    const typed = text.slice(command.length + 1).trimStart();
    return uses.filter((use) => use.startsWith(typed) && use !== typed.trim()).map((use) => offer(command, use));
  });
}

const offer = (command, use) => {
  const fixed = use.split(/[[<]/)[0];
  return { label: `${command} ${use}`, about: "", text: `${command} ${fixed}` };
};

/** Make a composer work. `where` gives the channel and the thread; `note` says what came of it. */
export function compose(prefix, where) {
  const input = byId(`${prefix}-input`);
  const list = byId(`${prefix}-offers`);
  const note = byId(`${prefix}-note`);
  let shown = [];
  let at = -1;

  const close = () => {
    shown = [];
    at = -1;
    draw();
  };
  const pick = (index) => {
    input.value = shown[index].text;
    input.focus();
    suggest();
  };
  const draw = () => {
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(shown.length > 0));
    const nodes = shown.map((one, index) =>
      el(
        "li",
        {
          id: `${prefix}-offer-${index}`,
          role: "option",
          "aria-selected": String(index === at),
          onmousedown: (event) => (event.preventDefault(), pick(index)),
        },
        el("span", {}, clean(one.label)),
        one.about && el("small", {}, clean(one.about)),
      ),
    );
    list.replaceChildren(...nodes);
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", `${prefix}-offer-${at}`);
      nodes[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const suggest = () => {
    shown = offers(input.value.slice(0, input.selectionStart)).slice(0, 9);
    at = -1;
    draw();
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 180)}px`;
  };
  const send = async () => {
    const text = input.value.trim();
    if (!text) return;
    const place = where();
    input.value = "";
    suggest();
    note.textContent = "";
    const answer = await act({ type: "say", who: store.me, text, ...place });
    note.textContent = clean(answer.refused ?? "");
    if (answer.refused && !input.value) input.value = text;
  };
  input.addEventListener("input", suggest);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (shown.length && step) at = (at + step + shown.length) % shown.length;
    else if (shown.length && event.key === "Escape") shown = [];
    else if (
      shown.length &&
      (event.key === "Tab" || event.key === "Enter") &&
      (at >= 0 || event.key === "Tab") &&
      !event.shiftKey
    )
      return (event.preventDefault(), pick(Math.max(at, 0)));
    else if (event.key === "Enter" && !event.shiftKey) return (event.preventDefault(), close(), send());
    else return;
    event.preventDefault();
    draw();
  });
  byId(`${prefix}-form`).addEventListener("submit", (event) => (event.preventDefault(), send()));
  return {
    /** Write a text as if it were typed, and send it. */
    write: async (text) => {
      input.value = text;
      await send();
    },
  };
}
