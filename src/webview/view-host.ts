/** Where the view runs: its port to the host, and a place for its own state across a reload. */
import type { Port } from "../protocol/port.ts";

export interface ViewHost {
  port: Port;
  getState(): unknown;
  setState(state: Record<string, unknown>): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** VS Code's webview, or null anywhere else. May be called once. */
export function vsCodeHost(): ViewHost | null {
  const acquire = (globalThis as { acquireVsCodeApi?: () => VsCodeApi }).acquireVsCodeApi;
  if (!acquire) return null;
  const api = acquire();
  return {
    port: {
      post: (message) => api.postMessage(message),
      listen(receive) {
        const hear = (event: MessageEvent<unknown>) => {
          // VS Code's frame around this one has this one's origin; it hides itself from `window.parent`, so ask for that
          if (event.origin === window.origin) receive(event.data);
        };
        window.addEventListener("message", hear);
        return () => window.removeEventListener("message", hear);
      },
    },
    getState: () => api.getState(),
    setState: (state) => api.setState(state),
  };
}

/**
 * A page of any browser: its script hands over a port by `marginaliaHost`, before or after this one runs. State is kept for
 * the tab.
 */
export function pageHost(name: string): Promise<ViewHost> {
  const around = globalThis as { marginaliaHost?: Port | ((port: Port) => void) };
  const wrap = (port: Port): ViewHost => ({
    port,
    getState: () => {
      try {
        return JSON.parse(sessionStorage.getItem(name) ?? "null") as unknown;
      } catch {
        return null;
      }
    },
    setState: (state) => {
      try {
        sessionStorage.setItem(name, JSON.stringify(state));
      } catch {
        // storage is full or forbidden: the view works, and forgets on reload
      }
    },
  });
  const given = around.marginaliaHost;
  if (given && typeof given === "object") return Promise.resolve(wrap(given));
  return new Promise((resolve) => {
    around.marginaliaHost = (port: Port) => resolve(wrap(port));
  });
}
