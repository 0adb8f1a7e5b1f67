/** Sockets that a test holds in its hand: it delivers, delays or cuts. Like a real one, a connection keeps order and loses only its end. */
import type { OpenSocket, Socket } from "../../src/sync/socket.ts";

export interface ServerEnd {
  readonly url: string;
  send(message: Uint8Array): void;
  close(code: number, reason?: string): void;
  onMessage: (message: Uint8Array) => void;
  onClose: () => void;
}

export interface FakeLink {
  readonly url: string;
  readonly state: "connecting" | "open" | "closed";
  /** Messages on their way. */
  readonly toServer: Uint8Array[];
  readonly toClient: Uint8Array[];
  /** Everything ever handed over by the client. */
  readonly sent: Uint8Array[];
  accept(): void;
  /** Delivers the first `count` messages of a direction. */
  deliverToServer(count?: number): void;
  deliverToClient(count?: number): void;
  /** The connection breaks: what is on its way is lost. Both ends are told. */
  cut(code?: number, reason?: string): void;
  /** The connection breaks and nobody is told. */
  silence(): void;
}

export interface FakeNetwork {
  readonly openSocket: OpenSocket;
  readonly links: FakeLink[];
  /** Links that are connecting or open. */
  live(): FakeLink[];
  /** Accepts and delivers until nothing is on its way. */
  run(): void;
  /** False: nobody can connect, and what is open breaks. */
  setReachable(reachable: boolean): void;
}

export function createFakeNetwork(serve: (end: ServerEnd) => void): FakeNetwork {
  const links: FakeLink[] = [];
  let reachable = true;

  const openSocket: OpenSocket = (url) => {
    let state: FakeLink["state"] = "connecting";
    let silent = false;
    let opened = () => {};
    let heard = (_message: Uint8Array) => {};
    let closed = (_code: number, _reason: string) => {};
    let end: ServerEnd | null = null;
    const toServer: Uint8Array[] = [];
    const toClient: Uint8Array[] = [];
    const sent: Uint8Array[] = [];
    const shut = () => {
      state = "closed";
      toServer.length = 0;
      toClient.length = 0;
      const other = end;
      end = null;
      other?.onClose();
    };
    const link: FakeLink = {
      url,
      get state() {
        return state;
      },
      toServer,
      toClient,
      sent,
      accept() {
        if (state !== "connecting" || silent) return;
        if (!reachable) return link.cut();
        state = "open";
        end = {
          url,
          send: (message) => {
            if (state === "open") toClient.push(message.slice());
          },
          // what the server said before it closed still arrives
          close(code, reason = "") {
            link.deliverToClient();
            link.cut(code, reason);
          },
          onMessage: () => {},
          onClose: () => {},
        };
        serve(end);
        opened();
      },
      deliverToServer(count = toServer.length) {
        if (silent) return;
        for (let i = 0; i < count && toServer.length; i++) end?.onMessage(toServer.shift()!);
      },
      deliverToClient(count = toClient.length) {
        if (silent) return;
        for (let i = 0; i < count && toClient.length; i++) heard(toClient.shift()!);
      },
      cut(code = 1006, reason = "") {
        if (state === "closed") return;
        shut();
        if (!silent) closed(code, reason);
      },
      silence() {
        silent = true;
      },
    };
    links.push(link);
    const socket: Socket = {
      send(message) {
        if (state !== "open") throw new Error("not open");
        sent.push(message.slice());
        toServer.push(message.slice());
      },
      close() {
        closed = () => {};
        if (state !== "closed") shut();
      },
      onOpen: (listener) => (opened = listener),
      onMessage: (listener) => (heard = listener),
      onClose: (listener) => (closed = listener),
    };
    return socket;
  };

  const live = () => links.filter((link) => link.state !== "closed");
  return {
    openSocket,
    links,
    live,
    run() {
      for (let busy = true; busy;) {
        busy = false;
        for (const link of live()) {
          if (link.state === "connecting") {
            link.accept();
            busy = true;
          }
          if (link.toServer.length || link.toClient.length) {
            link.deliverToServer();
            link.deliverToClient();
            busy = link.toServer.length + link.toClient.length > 0 || busy;
          }
        }
      }
    },
    setReachable(next) {
      reachable = next;
      if (!next) for (const link of live()) if (link.state === "open") link.cut();
    },
  };
}
