import { describe, expect, it } from "vitest";
import { randomFromPool } from "../../../functions/receive-webhook/random.ts";

describe("random bytes from a pool", () => {
  it("are as many as were asked for, and never given out twice", () => {
    const draws = Array.from({ length: 2000 }, () => Buffer.from(randomFromPool(12)).toString("hex"));
    expect(draws.every((draw) => draw.length === 24)).toBe(true);
    expect(new Set(draws).size).toBe(2000);
  });

  it("stay what they were when others are drawn", () => {
    const first = randomFromPool(12);
    const kept = Buffer.from(first).toString("hex");
    for (let draw = 0; draw < 1000; draw++) randomFromPool(12);
    expect(Buffer.from(first).toString("hex")).toBe(kept);
  });
});
