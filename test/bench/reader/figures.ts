/** Medians and tables. */

export const median = (numbers: readonly number[]): number => percentile(numbers, 0.5);

/** The smallest number that a share `p` of all does not exceed. */
export const percentile = (numbers: readonly number[], p: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(numbers.length * p) - 1)] ?? Number.NaN;

/** Figures by name, from as many runs as there were. */
export interface Figures {
  note(name: string, value: number): void;
  /** A Markdown table: median, least and largest of each figure, and its target where there is one. */
  table(targets: Readonly<Record<string, string>>): string;
}

export function createFigures(): Figures {
  const values = new Map<string, number[]>();
  return {
    note(name, value) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    },
    table(targets) {
      const rows = [...values].map(
        ([name, list]) =>
          `| ${name} | ${shown(median(list))} | ${shown(Math.min(...list))} to ${shown(Math.max(...list))} | ${targets[name] ?? ""} |`,
      );
      return ["| figure | median | range | target |", "|---|---:|---:|---|", ...rows].join("\n");
    },
  };
}

const shown = (value: number): string =>
  Math.abs(value) >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
