/** Tells the host what is selected and where in the article the reader is: at once, then at most a few times a second. */
import type { Connection } from "./connection.ts";
import type { Span } from "./model/source-map.ts";

/** Quick enough to follow a colleague's selection, slow enough not to flood thirty readers. */
const INTERVAL = 150;

export interface Whereabouts {
  epoch: number;
  selection: Span | null;
  section: string | null;
  position: number;
}

export function createPresence(connection: Connection): { tell(where: Whereabouts): void } {
  let told = "";
  let next: Whereabouts | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = () => {
    timer = undefined;
    if (!next) return;
    const key = JSON.stringify(next);
    if (key !== told) {
      told = key;
      connection.post({ kind: "presence", ...next });
      timer = setTimeout(send, INTERVAL);
    }
    next = null;
  };
  return {
    tell(where) {
      next = where;
      if (timer === undefined) send();
    },
  };
}
