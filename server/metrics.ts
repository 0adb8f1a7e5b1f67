/** Counters for /metrics, in a registry of this server's own: several servers in one process do not mix. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What is counted with every message, as plain numbers: prom-client reads them when somebody asks. */
export interface HotCounts {
  messages: number;
  messageBytes: number;
  updates: number;
  updateBytes: number;
  delivered: number;
}

export interface Metrics {
  registry: Registry;
  hot: HotCounts;
  refused: Counter<"reason">;
  closed: Counter<"code">;
  compactions: Counter;
  damage: Counter<"kind">;
  load: Histogram;
}

export function createMetrics(read: { connections(): number; documents(): number; memory(): number }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name: `marginalia_${name}`, help, registers });
  const hot: HotCounts = { messages: 0, messageBytes: 0, updates: 0, updateBytes: 0, delivered: 0 };
  const hotCounter = (name: string, help: string, value: () => number) =>
    new Counter({
      name: `marginalia_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  hotCounter("messages_total", "Messages received", () => hot.messages);
  hotCounter("message_bytes_total", "Bytes received in messages", () => hot.messageBytes);
  hotCounter("updates_total", "Updates accepted", () => hot.updates);
  hotCounter("update_bytes_total", "Bytes of updates accepted", () => hot.updateBytes);
  hotCounter("delivered_total", "Updates passed on to readers", () => hot.delivered);
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `marginalia_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge("connections", "Open websocket connections", read.connections);
  gauge("documents", "Documents loaded", read.documents);
  gauge("document_bytes", "Memory that loaded documents take, about", read.memory);
  gauge("process_resident_bytes", "Resident memory of the process", () => process.memoryUsage.rss());
  return {
    registry,
    hot,
    refused: new Counter({
      name: "marginalia_refused_total",
      help: "Updates refused",
      labelNames: ["reason"],
      registers,
    }),
    closed: new Counter({
      name: "marginalia_closed_total",
      help: "Connections closed by the server",
      labelNames: ["code"],
      registers,
    }),
    compactions: counter("compactions_total", "Logs compacted"),
    damage: new Counter({
      name: "marginalia_damage_total",
      help: "Damaged records found in logs",
      labelNames: ["kind"],
      registers,
    }),
    load: new Histogram({
      name: "marginalia_load_seconds",
      help: "Time to load a document",
      buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
  };
}
