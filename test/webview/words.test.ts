import { describe, expect, it } from "vitest";
import { agoText } from "../../src/webview/model/words.ts";

describe("how long ago", () => {
  const now = Date.UTC(2026, 10, 26, 12, 0, 0);
  const ago = (seconds: number) => agoText(now - seconds * 1000, now, "en-GB");

  it("is as short as it stays clear, and never an hour of minutes or a day of hours", () => {
    expect([0, 44, 45, 119, 120, 3599].map(ago)).toEqual(["just now", "just now", "1 min", "1 min", "2 min", "59 min"]);
    expect([3600, 7199, 7200, 86_399].map(ago)).toEqual(["1 h", "1 h", "2 h", "23 h"]);
    expect(ago(86_400)).toMatch(/day$/);
    expect(ago(30 * 86_400)).toBe("27 Oct");
  });

  it("a clock that is a little ahead wrote just now; what is dated far ahead does not pass for new: it bears its date", () => {
    expect(ago(-3600)).toBe("just now");
    expect(ago(-3 * 86_400)).toBe("29 Nov");
    expect(agoText(Date.UTC(9999, 5, 10, 12), now, "en-GB")).toBe("10 Jun 9999");
    expect(agoText(0, now, "en-GB")).toMatch(/19(70|69)$/);
  });
});
