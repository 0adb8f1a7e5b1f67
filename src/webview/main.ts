/** Entry of the reading view: the same in VS Code's webview and in a page of any browser. */
import "./reader.css";
import { startReader } from "./app.ts";
import { pageHost, vsCodeHost } from "./view-host.ts";

const started = performance.timeOrigin + performance.now();
const root = document.getElementById("marginalia") ?? document.body.appendChild(document.createElement("div"));
const host = vsCodeHost() ?? (await pageHost("marginalia"));
host.port.post({ kind: "timing", name: "scriptStart", at: started });
startReader(root, host);
