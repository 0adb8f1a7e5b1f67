/** A plain event: listeners in the order in which they came, one that comes while an event is fired hears it too. */

/** Registers a listener and gives back what takes it away again. */
export type Listen<T> = (listener: (event: T) => void) => () => void;

export interface Emitter<T> {
  readonly event: Listen<T>;
  fire(event: T): void;
  /** Forgets all listeners. */
  clear(): void;
}

/** A listener that throws does not keep the others from hearing; its error goes to `onError`. */
export function createEmitter<T>(onError: (error: unknown) => void = () => {}): Emitter<T> {
  const listeners = new Set<(event: T) => void>();
  return {
    event(listener) {
      const own = (event: T) => listener(event);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    fire(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    clear: () => listeners.clear(),
  };
}
