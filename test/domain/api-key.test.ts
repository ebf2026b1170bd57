import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { hashOfKey, isMistyped, KEY_BYTES, newApiKey } from "../../shared/domain/api-key.ts";

const bytes = (fill: number) => new Uint8Array(KEY_BYTES).fill(fill);
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

describe("an API key", () => {
  const key = newApiKey("prod-eu", bytes(0xab));

  it("has a form that a scanner of secrets finds", () => {
    expect(key).toMatch(/^rk_prod-eu_[0-9A-Za-z]{39}$/);
    expect(newApiKey("a", bytes(0))).toMatch(/^rk_a_[0-9A-Za-z]{39}$/);
    expect(newApiKey("a", bytes(255))).toMatch(/^rk_a_[0-9A-Za-z]{39}$/);
  });

  it("ends with the CRC-32 of what stands before, in base 62", () => {
    const sum = [...key.slice(-6)].reduce((value, digit) => value * 62 + DIGITS.indexOf(digit), 0);
    expect(sum).toBe(crc32(key.slice(0, -6)));
  });

  it("holds all of its randomness", () => {
    const keys = Array.from({ length: KEY_BYTES }, (_, at) => newApiKey("a", bytes(0).fill(1, at, at + 1)));
    expect(new Set(keys).size).toBe(KEY_BYTES);
  });

  it("is told from one that was copied wrong", () => {
    expect(isMistyped(key)).toBe(false);
    expect(isMistyped(key.replace("prod", "dev"))).toBe(true);
    for (let at = 0; at < key.length; at++) {
      if (at >= 3) expect(isMistyped(key.slice(0, at) + key.slice(at + 1)), `without ${at}`).toBe(true);
      const other = key.at(at) === "x" ? "y" : "x";
      if (at >= 3) expect(isMistyped(key.slice(0, at) + other + key.slice(at + 1)), `other ${at}`).toBe(true);
    }
  });

  it("says nothing of keys of another form", () => {
    expect(isMistyped("local-api-key")).toBe(false);
  });

  it("is stored as its SHA-256", () => {
    expect(hashOfKey("local-api-key")).toMatch(/^[0-9a-f]{64}$/);
  });
});
