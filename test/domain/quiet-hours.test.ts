import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quietUntil } from "../../shared/domain/quiet-hours.ts";

const night = { from: "21:00", to: "08:00", timeZone: "Europe/Lisbon" };
const until = (hours: typeof night, now: string) => {
  const end = quietUntil(hours, Date.parse(now));
  return end === undefined ? undefined : new Date(end).toISOString();
};

describe("quiet hours", () => {
  it.each([
    ["the evening before", "2026-01-10T21:00:00Z", "2026-01-11T08:00:00.000Z"],
    ["past midnight", "2026-01-11T03:30:30Z", "2026-01-11T08:00:00.000Z"],
    ["the last moment", "2026-01-11T07:59:59.999Z", "2026-01-11T08:00:00.000Z"],
    ["the night that loses an hour", "2026-03-28T22:00:00Z", "2026-03-29T07:00:00.000Z"],
    ["the night that wins one", "2026-10-24T21:00:00Z", "2026-10-25T08:00:00.000Z"],
  ])("go on to the morning: %s", (_, now, end) => {
    expect(until(night, now)).toBe(end);
  });

  it.each(["2026-01-10T20:59:59.999Z", "2026-01-11T08:00:00Z", "2026-07-10T07:00:00Z"])("are not on at %s", (now) => {
    expect(until(night, now)).toBeUndefined();
  });

  it("may lie within one day, in a time zone of half hours", () => {
    const noon = { from: "12:00", to: "13:30", timeZone: "Asia/Kolkata" };
    expect(until(noon, "2026-01-10T06:30:00Z")).toBe("2026-01-10T08:00:00.000Z");
    expect(until(noon, "2026-01-10T06:29:59Z")).toBeUndefined();
  });

  it("that would end in the hour that is left out end with it", () => {
    // New York goes from 02:00 to 03:00 at 07:00 UTC.
    expect(until({ from: "22:00", to: "02:30", timeZone: "America/New_York" }, "2026-03-08T05:00:00Z")).toBe(
      "2026-03-08T07:00:00.000Z",
    );
  });

  it("are none where they begin when they end", () => {
    expect(until({ ...night, from: "08:00" }, "2026-01-10T08:00:00Z")).toBeUndefined();
  });

  it("end when nothing is quiet any more, and never sooner, all through the year", () => {
    const minute = fc.integer({ min: 0, max: 525_000 });
    const zone = fc.constantFrom("Europe/Lisbon", "America/Sao_Paulo", "America/New_York", "Australia/Lord_Howe");
    fc.assert(
      fc.property(minute, zone, (minutes, timeZone) => {
        const now = Date.parse("2026-01-01T00:00:00Z") + minutes * 60_000;
        const end = quietUntil({ ...night, timeZone }, now);
        if (end === undefined) return;
        expect(end - now).toBeLessThanOrEqual(12 * 3_600_000);
        expect(quietUntil({ ...night, timeZone }, end)).toBeUndefined();
        expect(quietUntil({ ...night, timeZone }, end - 1)).toBe(end);
      }),
    );
  });
});
