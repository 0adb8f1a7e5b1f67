/** The page of `npm run dev`: the reading view with a fake host, set up by the address (`?theme=dark&n=1000&article=rtl`). */
import "./themes.css";
import { createPortPair } from "../../protocol/port.ts";
import { startFakeHost } from "./fake-host.ts";
import { createReadingFriend } from "./friend.ts";
import { shortArticles } from "./short-articles.ts";

const parameters = new URLSearchParams(location.search);
const theme = parameters.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.className = `vscode-${theme}`;
document.body.className = `vscode-${theme}`;
if (parameters.has("reader")) document.body.classList.add("vscode-using-screen-reader");
if (theme === "high-contrast-light") document.body.classList.add("vscode-high-contrast");

const article = parameters.get("article") ?? "sample";
const source = shortArticles[article] ?? (await (await fetch(`/article/${encodeURIComponent(article)}`)).text());
const without = parameters.get("without");
const length = Number(parameters.get("length") ?? 0);
const kept = without === null ? source : source.replace(without, "");
const long = length > 0 ? kept.repeat(Math.ceil(length / kept.length)).slice(0, length) : kept;

const [hostEnd, viewEnd] = createPortPair((task) => queueMicrotask(task));
const host = startFakeHost(hostEnd, {
  room: article,
  source: long,
  annotations: Number(parameters.get("n") ?? 40),
  seed: Number(parameters.get("seed") ?? 7),
  delay: Number(parameters.get("delay") ?? 30),
  now: () => Date.now(),
  settings: {
    measure: Number(parameters.get("measure") ?? 70),
    fontSize: Number(parameters.get("size") ?? 17),
    announceBoundaries: parameters.has("boundaries"),
  },
});
if (parameters.has("friend")) createReadingFriend(host);

Object.assign(globalThis, { fakeHost: host });
const given = (globalThis as { marginaliaHost?: unknown }).marginaliaHost;
if (typeof given === "function") given(viewEnd);
else Object.assign(globalThis, { marginaliaHost: viewEnd });
