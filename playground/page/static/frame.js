// What stands around the conversation: the people to act as, the channels, the head, how the app is connected.

import { byId, el } from "./dom.js";
import { avatar } from "./messages.js";
import { channel, isDirect, role, store, unread } from "./store.js";

/** What a channel or conversation is called. */
export function title(id) {
  return isDirect(id) ? store.bot.name : (channel(id)?.name ?? "");
}

/** The channels and conversations, with what is unread. */
export function drawPlaces(go) {
  const line = (one) => {
    const count = unread(one.id);
    const isHere = one.id === store.here;
    return el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: count && !isHere ? "place unread" : "place",
          "aria-current": isHere ? "page" : null,
          onclick: () => go(one.id),
          "data-channel": one.id,
        },
        el("span", { class: "sign", "aria-hidden": "true" }, one.kind === "im" ? "✦" : "#"),
        el("span", {}, title(one.id)),
        count > 0 && !isHere && el("span", { class: "count", "aria-label": `${count} unread` }, String(count)),
      ),
    );
  };
  const own = role()?.dm;
  const focused = document.activeElement?.dataset?.channel;
  byId("channels").replaceChildren(...store.channels.filter((one) => one.kind !== "im").map(line));
  byId("apps").replaceChildren(...store.channels.filter((one) => one.id === own).map(line));
  if (focused) document.querySelector(`[data-channel="${focused}"]`)?.focus({ preventScroll: true });
  const total = store.channels.reduce((sum, one) => sum + (one.id === store.here ? 0 : unread(one.id)), 0);
  document.title = `${total ? `(${total}) ` : ""}${title(store.here)} · failures playground`;
}

/** The head of the conversation, and which of its parts are shown. */
export function drawHead() {
  const direct = isDirect(store.here);
  byId("place-name").textContent = `${direct ? "" : "#"}${title(store.here)}`;
  byId("place-about").textContent = direct ? "app" : `${store.roles.map((one) => one.name).join(", ")} and the app`;
  byId("tabs").hidden = !direct;
  for (const tab of byId("tabs").children) tab.setAttribute("aria-selected", String(tab.dataset.tab === store.tab));
  const isHome = direct && store.tab === "home";
  byId("home").hidden = !isHome;
  byId("log").hidden = isHome;
  byId("composer-form").hidden = isHome;
  byId("composer-input").placeholder = direct
    ? `Message ${store.bot.name}`
    : `Message #${title(store.here)}, or type /failures`;
  byId("composer-input").setAttribute(
    "aria-label",
    direct ? `Message ${store.bot.name}` : `Message channel ${title(store.here)}`,
  );
}

/** The people to act as. */
export function drawRoles(become) {
  const hadFocus = byId("roles").contains(document.activeElement);
  byId("roles").replaceChildren(
    ...store.roles.map((one) =>
      el(
        "label",
        { class: "role" },
        el("input", {
          type: "radio",
          name: "role",
          value: one.id,
          checked: one.id === store.me,
          onchange: () => become(one.name),
        }),
        el(
          "span",
          { class: "role-body" },
          avatar(one.id, one.name),
          el("span", {}, el("strong", {}, one.name), el("small", {}, one.about)),
        ),
      ),
    ),
  );
  if (hadFocus) byId("roles").querySelector(":checked")?.focus({ preventScroll: true });
}

/** How the app and Slack are, and which calls Slack refused. */
export function drawLink() {
  const words = store.link.away
    ? "Slack is cut"
    : store.link.connected
      ? `${store.bot.name} is connected`
      : `${store.bot.name} is not connected`;
  byId("link").textContent = words;
  byId("link").className = store.link.connected && !store.link.away ? "pill good" : "pill bad";
  const { refused } = store.link;
  byId("refused").hidden = !refused.length;
  byId("refused").replaceChildren(
    el("summary", {}, "Slack refused calls of the app"),
    el(
      "ul",
      {},
      refused.map((one) =>
        el(
          "li",
          {},
          el("code", {}, one.method),
          ` ${one.error} `,
          one.details.map((words) => el("p", {}, words)),
        ),
      ),
    ),
  );
}
