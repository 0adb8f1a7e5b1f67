/** The sync layer's view of a websocket: binary messages only, in order, until it closes. */
export interface Socket {
  /** Hands over a message. Called only between open and close; may throw if the connection has just gone. */
  send(message: Uint8Array): void;
  /** Closes, also while still connecting. `onClose` may or may not be told; whoever closes has stopped listening. */
  close(code?: number): void;
  /** Each registers the one listener, before the next turn, and replaces an earlier one. */
  onOpen(listener: () => void): void;
  onMessage(listener: (message: Uint8Array) => void): void;
  /** Told once, also when connecting failed (code 1006 then). `reason` is the peer's text: never show it raw. */
  onClose(listener: (code: number, reason: string) => void): void;
}

/** Starts to connect. A URL that cannot be one throws; anything that fails later is told through `onClose`. */
export type OpenSocket = (url: string) => Socket;
