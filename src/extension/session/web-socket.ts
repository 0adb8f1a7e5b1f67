/** The sync layer's socket over `ws`, which the extension host has in every version that it supports. */
import { WebSocket } from "ws";
import type { OpenSocket } from "../../sync/socket.ts";

/** No message of a room is larger: a whole article with its history. */
const MAX_MESSAGE = 64 * 1024 * 1024;

export const openWebSocket: OpenSocket = (url) => {
  const socket = new WebSocket(url, { maxPayload: MAX_MESSAGE, handshakeTimeout: 15_000, perMessageDeflate: false });
  socket.binaryType = "nodebuffer";
  // without a listener a failed connection would end the extension host; `close` follows and tells
  socket.on("error", () => {});
  return {
    send: (message) => socket.send(message),
    close: (code) => socket.close(code),
    onOpen: (listener) => void socket.on("open", listener),
    onMessage: (listener) =>
      void socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (isBinary) listener(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }),
    onClose: (listener) => void socket.on("close", (code, reason) => listener(code, reason.toString())),
  };
};
