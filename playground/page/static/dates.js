// Times as Slack writes them, in the zone of the person who looks.

const DAY = 86_400_000;

let hand = null;

/** Take in what the playground's clock shows, in seconds since 1970, and how fast it runs. */
export const setClock = ({ now, speed }) => (hand = { shown: now * 1000, speed, heard: performance.now() });

/** The time the playground shows, in milliseconds since 1970; this machine's where it has no clock of its own. */
export const shownNow = () => (hand ? hand.shown + (performance.now() - hand.heard) * hand.speed : Date.now());

const format = (date, zone, options) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(date);
const dayOf = (date, zone) => format(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" });

function pretty(date, zone, long) {
  const day = dayOf(date, zone);
  const now = shownNow();
  if (day === dayOf(new Date(now), zone)) return "today";
  if (day === dayOf(new Date(now - DAY), zone)) return "yesterday";
  if (day === dayOf(new Date(now + DAY), zone)) return "tomorrow";
  return long;
}

const TOKENS = {
  date_num: (date, zone) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(date),
  date_slash: (date, zone) => format(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (date, zone) => format(date, zone, { day: "numeric", month: "long", year: "numeric" }),
  date_long: (date, zone) => format(date, zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  date_short: (date, zone) => format(date, zone, { day: "numeric", month: "short", year: "numeric" }),
  date_pretty: (date, zone) => pretty(date, zone, TOKENS.date(date, zone)),
  date_long_pretty: (date, zone) => pretty(date, zone, TOKENS.date_long(date, zone)),
  date_short_pretty: (date, zone) => pretty(date, zone, TOKENS.date_short(date, zone)),
  time: (date, zone) => format(date, zone, { hour: "2-digit", minute: "2-digit" }),
  time_secs: (date, zone) => format(date, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago: (date) => ago(date),
  day_divider_pretty: (date, zone) => pretty(date, zone, TOKENS.date_long(date, zone)),
};

function ago(date) {
  const minutes = Math.round((shownNow() - date.getTime()) / 60_000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(-minutes, "minute");
  if (Math.abs(minutes) < 48 * 60) return words.format(-Math.round(minutes / 60), "hour");
  return words.format(-Math.round(minutes / 1440), "day");
}

/** `<!date^seconds^format|fallback>`: the fallback where the time or a part of the format is unknown. */
export function slackDate(seconds, pattern, fallback, zone) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  let known = true;
  const text = pattern.replace(/\{(\w+)\}/g, (_, name) => {
    if (!(name in TOKENS)) known = false;
    return known ? TOKENS[name](date, zone) : "";
  });
  return known ? text : fallback;
}

/** The hour and minute of a message's ts. */
export const clockTime = (ts, zone) => TOKENS.time(new Date(Number(ts) * 1000), zone);

/** The whole time of a message's ts, for its title. */
export const fullTime = (ts, zone) =>
  format(new Date(Number(ts) * 1000), zone, { dateStyle: "full", timeStyle: "medium" });

/** The day and time that the playground's clock shows. */
export const shownWords = (zone) =>
  format(new Date(shownNow()), zone, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });

/** The day of a message's ts, as the line between two days says it. */
export function dayLabel(ts, zone) {
  const words = TOKENS.day_divider_pretty(new Date(Number(ts) * 1000), zone);
  return words[0].toUpperCase() + words.slice(1);
}
