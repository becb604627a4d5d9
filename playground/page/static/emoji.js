// Names of emoji, as far as apps use them; any other name is shown as it was written.

const EMOJI = Object.fromEntries(
  `+1 👍|-1 👎|thumbsup 👍|thumbsdown 👎|white_check_mark ✅|heavy_check_mark ✔️|x ❌|warning ⚠️|rotating_light 🚨
|red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|white_circle ⚪
|fire 🔥|boom 💥|bulb 💡|tada 🎉|rocket 🚀|eyes 👀|eye 👁|bell 🔔|no_bell 🔕|mag 🔍|wrench 🔧|hammer 🔨|gear ⚙️
|bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|clipboard 📋|calendar 📅|spiral_calendar_pad 🗓
|alarm_clock ⏰|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱|link 🔗|whale 🐳|floppy_disk 💾|computer 💻|zap ⚡
|heart ❤️|star ⭐|sparkles ✨|question ❓|exclamation ❗|information_source ℹ️|arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️
|repeat 🔁|lock 🔒|unlock 🔓|key 🔑|package 📦|bug 🐛|construction 🚧|no_entry ⛔|octagonal_sign 🛑|moneybag 💰|dart 🎯
|books 📚|memo 📝|pushpin 📌|speech_balloon 💬|wave 👋|pray 🙏|raised_hands 🙌|clap 👏|thinking_face 🤔|smile 😄
|slightly_smiling_face 🙂|robot_face 🤖|microscope 🔬|house 🏠|wastebasket 🗑|zzz 💤|green_heart 💚|ok_hand 👌|ok 🆗`
    .replace(/\n/g, "")
    .split("|")
    .map((entry) => entry.split(" ")),
);

/** The emoji of this name, else the name between colons. */
export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

/** A text in which names between colons have become emoji. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
