/** The few globals that Node, browsers and workers all have, declared here so that neither the DOM nor Node leaks in. */
interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
interface AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}
declare var AbortController: { new (): AbortController };
declare function structuredClone<T>(value: T): T;
