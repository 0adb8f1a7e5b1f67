/** What one client, one address, one document and the whole server may take. Every limit is an option. */
export interface Limits {
  /** Longest message, in bytes. */
  messageBytes: number;
  /** What all connections together may have sent of long messages that are not whole yet, in bytes. */
  unfinishedBytes: number;
  /** Messages per second and connection, sustained; ten seconds' worth may come at once. */
  messagesPerSecond: number;
  /** Bytes per second and connection, sustained, and how many may come at once: at least the longest message. */
  bytesPerSecond: number;
  bytesAtOnce: number;
  /** Size of a document, in bytes as the server holds it. */
  documentBytes: number;
  /** What one person may take of a margin, in bytes as the server holds it; each struct counts as 64 bytes more, each Yjs client id as 4 kB. */
  personBytes: number;
  /**
   * Structs that one person may have in one place of a margin, such as an entry as it stands and as it stood in each window that
   * wrote it: Yjs may walk past all of them for each that comes.
   */
  placeStructs: number;
  /** Yjs client ids that may have written in a document: each costs all who have it open something with every change. */
  clientIds: number;
  connections: number;
  connectionsPerAddress: number;
  connectionsPerDocument: number;
  /** Documents loaded at a time. */
  documents: number;
  /** Above this many bytes waiting for a reader, presence is left out for it. */
  softBuffer: number;
  /** Above this many bytes waiting for a reader, it is cut off. */
  hardBuffer: number;
  /** Longest document name, in characters. */
  nameLength: number;
  /** Milliseconds within which a connection must have sent its request. */
  requestTimeout: number;
  /** Milliseconds between checks that the other side is alive. */
  heartbeat: number;
  /** Milliseconds that a document stays loaded after its last reader left. */
  unloadAfter: number;
  /** HTTP requests per address and minute (joining, inviting, making rooms). */
  requestsPerMinute: number;
  /** Participants that a room may have. */
  participants: number;
}

export const DEFAULT_LIMITS: Limits = {
  messageBytes: 16 * 1024 * 1024,
  unfinishedBytes: 256 * 1024 * 1024,
  messagesPerSecond: 2_000,
  bytesPerSecond: 4 * 1024 * 1024,
  bytesAtOnce: 20 * 1024 * 1024,
  documentBytes: 128 * 1024 * 1024,
  personBytes: 16 * 1024 * 1024,
  // one entry that is written anew in a new window each day, for years
  placeStructs: 1_000,
  // thirty people who write from three new windows a day, for a year: Yjs then takes some 10 ms for a change
  clientIds: 32_768,
  connections: 20_000,
  connectionsPerAddress: 2_000,
  connectionsPerDocument: 1_000,
  documents: 10_000,
  softBuffer: 1024 * 1024,
  hardBuffer: 8 * 1024 * 1024,
  nameLength: 512,
  requestTimeout: 10_000,
  heartbeat: 30_000,
  unloadAfter: 30_000,
  requestsPerMinute: 300,
  participants: 2_000,
};
