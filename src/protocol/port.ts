/** One two-way channel between a host and a reading view. What arrives is unknown until a schema has seen it. */
export interface Port {
  post(message: unknown): void;
  /** Returns the function that stops listening. */
  listen(receive: (message: unknown) => void): () => void;
}

/** Two ends of a channel inside one process: for tests, and for a host that runs in the view's own page. */
export function createPortPair(deliver: (task: () => void) => void): [Port, Port] {
  const listeners: [Set<(message: unknown) => void>, Set<(message: unknown) => void>] = [new Set(), new Set()];
  const end = (own: 0 | 1, other: 0 | 1): Port => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      deliver(() => {
        for (const receive of listeners[other]) receive(copy);
      });
    },
    listen: (receive) => {
      listeners[own].add(receive);
      return () => listeners[own].delete(receive);
    },
  });
  return [end(0, 1), end(1, 0)];
}
