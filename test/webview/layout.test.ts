import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutMargin, type LayoutItem, type LayoutOptions } from "../../src/webview/model/layout.ts";

const options: LayoutOptions = { active: null, gap: 6, line: 26, mark: 24, maxShift: 120 };

const margin = fc
  .array(fc.record({ desired: fc.integer({ min: 0, max: 6000 }), full: fc.integer({ min: 26, max: 400 }) }), {
    maxLength: 120,
  })
  .map((rows) => rows.sort((a, b) => a.desired - b.desired).map((row, i): LayoutItem => ({ key: `k${i}`, ...row })));
const withActive = margin.chain((items) =>
  fc.record({ items: fc.constant(items), at: fc.nat(Math.max(0, items.length - 1)) }),
);

function boxes(items: readonly LayoutItem[], cards: readonly { key: string; mode: "full" | "line"; top: number }[]) {
  const byKey = new Map(items.map((item) => [item.key, item]));
  return cards
    .map((card) => ({
      ...card,
      item: byKey.get(card.key)!,
      height: card.mode === "full" ? byKey.get(card.key)!.full : options.line,
    }))
    .sort((a, b) => a.top - b.top);
}

describe("layout of the margin", () => {
  it("RV-10: cards never overlap, and none stands above the margin's top", () => {
    fc.assert(
      fc.property(withActive, ({ items, at }) => {
        for (const active of [null, items[at]?.key ?? null]) {
          const placed = boxes(items, layoutMargin(items, { ...options, active }).cards);
          placed.forEach((box, i) => {
            // the active card stands where its passage is, even at the very top
            expect(box.top).toBeGreaterThanOrEqual(-0.001);
            const next = placed[i + 1];
            if (next) expect(next.top - box.top - box.height).toBeGreaterThanOrEqual(options.gap - 0.001);
          });
        }
      }),
    );
  });

  it("RV-11: the active card stands exactly at its passage, whole", () => {
    fc.assert(
      fc.property(withActive, ({ items, at }) => {
        const active = items[at];
        if (!active) return;
        const card = layoutMargin(items, { ...options, active: active.key }).cards.find(
          (each) => each.key === active.key,
        );
        expect(card).toEqual({ key: active.key, mode: "full", top: active.desired });
      }),
    );
  });

  it("RV-12: cards keep the reading order", () => {
    fc.assert(
      fc.property(withActive, ({ items, at }) => {
        const { cards } = layoutMargin(items, { ...options, active: items[at]?.key ?? null });
        const order = boxes(items, cards).map((box) => items.indexOf(box.item));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
    );
  });

  it("RV-12: cards with room stand at their passages", () => {
    const items = [0, 200, 400].map((desired, i) => ({ key: `k${i}`, desired, full: 100 }));
    expect(layoutMargin(items, options).cards.map((card) => [card.mode, card.top])).toEqual([
      ["full", 0],
      ["full", 200],
      ["full", 400],
    ]);
  });

  it("RV-12: two that collide share the way, and the others are left alone", () => {
    const items = [
      { key: "a", desired: 300, full: 100 },
      { key: "b", desired: 340, full: 100 },
      { key: "c", desired: 900, full: 100 },
    ];
    expect(layoutMargin(items, options).cards.map((card) => card.top)).toEqual([267, 373, 900]);
  });

  it("RV-12: crowded cards shrink to lines, and only the crowded ones", () => {
    const crowd = Array.from({ length: 8 }, (_, i) => ({ key: `k${i}`, desired: 400 + i, full: 140 }));
    const items = [...crowd, { key: "far", desired: 3000, full: 140 }];
    const { cards, marks } = layoutMargin(items, options);
    expect(cards.filter((card) => card.mode === "line").length).toBeGreaterThan(4);
    expect(cards.find((card) => card.key === "far")?.mode).toBe("full");
    expect(marks).toEqual([]);
  });

  it("RV-13: every annotation is in exactly one card or mark", () => {
    fc.assert(
      fc.property(withActive, fc.boolean(), ({ items, at }, narrow) => {
        const { cards, marks } = layoutMargin(items, { ...options, active: items[at]?.key ?? null, narrow });
        const keys = [...cards.map((card) => card.key), ...marks.flatMap((mark) => mark.keys)];
        expect(keys.toSorted()).toEqual(items.map((item) => item.key).toSorted());
      }),
    );
  });

  it("RV-13: marks never touch, and stand at the first of their passages", () => {
    fc.assert(
      fc.property(margin, (items) => {
        const { marks } = layoutMargin(items, { ...options, narrow: true });
        const desired = new Map(items.map((item) => [item.key, item.desired]));
        marks.forEach((mark, i) => {
          expect(mark.top).toBe(desired.get(mark.keys[0]!));
          if (i > 0) expect(mark.top - marks[i - 1]!.top).toBeGreaterThanOrEqual(options.mark);
        });
      }),
    );
  });

  it("RV-14: a narrow window has no cards", () => {
    const items = [0, 10, 400].map((desired, i) => ({ key: `k${i}`, desired, full: 100 }));
    expect(layoutMargin(items, { ...options, active: "k1", narrow: true })).toEqual({
      cards: [],
      marks: [
        { keys: ["k0", "k1"], top: 0 },
        { keys: ["k2"], top: 400 },
      ],
    });
  });
});
