/* The page's own words, in the language of whoever sits here. */

const KNOWN = ["en", "pt-br", "es"];
const loaded = new Map();
let words = {};
let language = "en";

export const LANGUAGES = [["en", "English"], ["pt-br", "Português"], ["es", "Español"]];

export async function speak(wanted) {
  language = KNOWN.find((one) => one === wanted) || KNOWN.find((one) => wanted?.startsWith(one.slice(0, 2))) || "en";
  if (!loaded.has(language)) {
    const answer = await fetch(`/static/texts/${language}.json`);
    loaded.set(language, await answer.json());
  }
  words = loaded.get(language);
  document.documentElement.lang = language === "pt-br" ? "pt-BR" : language;
}

export function t(key, params = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}

const locale = () => document.documentElement.lang;

export function clock(seconds, zone) {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short", timeZone: zone })
    .format(new Date(seconds * 1000));
}

export function day(seconds, zone) {
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", timeZone: zone })
    .format(new Date(seconds * 1000));
}

export function bytes(size) {
  const [number, unit] = size < 1000 ? [size, "byte"] : size < 1e6 ? [size / 1e3, "kilobyte"] : [size / 1e6, "megabyte"];
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: size < 1000 ? "long" : "short", maximumFractionDigits: 1 }).format(number);
}
