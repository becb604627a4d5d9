// All that the page knows: what the playground told it, and where the visitor is.

export const store = {
  me: null,
  roles: [],
  bot: { id: "", name: "" },
  names: {},
  channels: [],
  commands: [],
  messages: new Map(),
  modal: null,
  home: null,
  hasHome: false,
  link: { connected: true, away: false, rates: false, refused: [] },
  cluster: null,
  stage: null,
  here: null,
  tab: "messages",
  thread: null,
  dismissed: new Set(),
};

const watchers = new Set();

/** Call `look` now, after each change and now and then until it gives something; gives that, or null after so many seconds. */
export function until(look, seconds) {
  return new Promise((done) => {
    const end = (value) => (watchers.delete(check), clearTimeout(timer), clearInterval(beat), done(value));
    const check = () => {
      const found = look();
      if (found) end(found);
    };
    const timer = setTimeout(() => end(null), seconds * 1000);
    const beat = setInterval(check, 250); // for what is not told, such as a dialog
    watchers.add(check);
    check();
  });
}

/** Say that something has changed. */
export const changed = () => watchers.forEach((check) => check());

export const role = () => store.roles.find((one) => one.id === store.me);
export const channel = (id) => store.channels.find((one) => one.id === id);
export const isDirect = (id) => channel(id)?.kind === "im";

/** Messages of a channel that the person has not dismissed, oldest first. */
export const messagesIn = (id) =>
  [...(store.messages.get(id)?.values() ?? [])]
    .filter((one) => !store.dismissed.has(one.ts))
    .sort((a, b) => (a.ts < b.ts ? -1 : 1));

export const rootsIn = (id) => messagesIn(id).filter((one) => !one.thread);
export const repliesTo = (id, ts) => messagesIn(id).filter((one) => one.thread === ts);

/** Take a message in; one that is gone goes. */
export function take(message) {
  if (!store.messages.has(message.channel)) store.messages.set(message.channel, new Map());
  const held = store.messages.get(message.channel);
  if (message.gone) held.delete(message.ts);
  else held.set(message.ts, message);
}

const readKey = (id) => `read/${store.me}/${id}`;

/** What the person has read of a channel: the ts of its newest message then. */
export const lastRead = (id) => sessionStorage.getItem(readKey(id)) ?? "0";

export function markRead(id) {
  const newest = messagesIn(id).at(-1);
  if (newest && newest.ts > lastRead(id)) sessionStorage.setItem(readKey(id), newest.ts);
}

/** How many messages of others the person has not read there; threads count for nobody, as in Slack. */
export const unread = (id) => rootsIn(id).filter((one) => one.ts > lastRead(id) && one.user !== store.me).length;

/** What drawing needs to know: who looks, from where, the names. */
export function context(more = {}) {
  const people = Object.fromEntries(
    Object.entries(store.names).filter(([id]) => id.startsWith("U") && id !== store.bot.id && id !== "USLACKBOT"),
  );
  return { me: store.me, zone: role()?.tz ?? "UTC", names: store.names, people, channels: store.channels, ...more };
}
