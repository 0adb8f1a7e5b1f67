/** A websocket whose bundle is loaded with the first of them: who reads alone needs none. */
import type { OpenSocket, Socket } from "../../sync/socket.ts";

/** The close code of a connection that never was: RFC 6455, 7.4.1. */
const ABNORMAL = 1006;

export const openSocketLater: OpenSocket = (url) => {
  const address = new URL(url).href;
  let onOpen = () => {};
  let onMessage: (message: Uint8Array) => void = () => {};
  let onClose: (code: number, reason: string) => void = () => {};
  let closed = false;
  let socket: Socket | undefined;
  import("./web-socket.ts")
    .then(({ openWebSocket }) => {
      if (closed) return;
      socket = openWebSocket(address);
      socket.onOpen(() => onOpen());
      socket.onMessage((message) => onMessage(message));
      socket.onClose((code, reason) => onClose(code, reason));
    })
    .catch((error: unknown) => onClose(ABNORMAL, String(error)));
  return {
    send: (message) => socket?.send(message),
    close(code) {
      closed = true;
      socket?.close(code);
    },
    onOpen: (listener) => void (onOpen = listener),
    onMessage: (listener) => void (onMessage = listener),
    onClose: (listener) => void (onClose = listener),
  };
};
