/** Floors: what a websocket server costs that knows nothing of Yjs. `relay` passes bytes on; `log` appends and fdatasyncs first. */
import { createServer } from "node:http";
import { open } from "node:fs/promises";
import path from "node:path";
import { WebSocketServer } from "ws";

const [mode, port, data] = process.argv.slice(2);
const rooms = new Map();
const server = createServer((_request, response) => response.end());
const websockets = new WebSocketServer({ server, perMessageDeflate: false });
const file = mode === "log" ? await open(path.join(data, "log"), "a") : null;

function roomOf(name) {
  let room = rooms.get(name);
  if (!room) rooms.set(name, (room = { sockets: new Set(), batch: [], busy: false }));
  return room;
}

function head(length) {
  if (length < 126) return Buffer.of(0x82, length);
  if (length < 65536) return Buffer.of(0x82, 126, length >> 8, length & 255);
  const bytes = Buffer.alloc(10);
  bytes[0] = 0x82;
  bytes[1] = 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

async function flush(room) {
  while (room.batch.length > 0) {
    const batch = room.batch;
    room.batch = [];
    if (file) {
      await file.appendFile(Buffer.concat(batch.map((one) => one.data)));
      await file.datasync();
    }
    const frames = batch.map((one) => Buffer.concat([head(one.data.length), one.data]));
    const all = Buffer.concat(frames);
    const writers = new Set(batch.map((one) => one.socket));
    for (const socket of room.sockets) {
      if (!writers.has(socket)) socket.raw.write(all);
      else {
        const others = frames.filter((_, i) => batch[i].socket !== socket);
        if (others.length > 0) socket.raw.write(Buffer.concat(others));
      }
    }
  }
  room.busy = false;
}

websockets.on("connection", (ws, request) => {
  const room = roomOf(request.url);
  ws.raw = request.socket;
  room.sockets.add(ws);
  ws.on("error", () => {});
  ws.on("close", () => room.sockets.delete(ws));
  ws.on("message", (message) => {
    // A step 1 gets an empty answer, so that clients are content.
    if (message[0] === 0 && message[1] === 0) return ws.send(Buffer.of(0, 1, 2, 0, 0));
    if (message[0] !== 0) return;
    room.batch.push({ data: message, socket: ws });
    if (room.busy) return;
    room.busy = true;
    setImmediate(() => void flush(room));
  });
});
server.listen(Number(port), "127.0.0.1");
