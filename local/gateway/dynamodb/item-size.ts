/**
 * Sizes of DynamoDB items in bytes, by the rules that AWS bills and limits by: names and text in UTF-8, numbers by
 * pairs of significant digits, containers with three bytes of their own and one for each element.
 * Source: "DynamoDB item sizes and formats" in the developer guide.
 */
import { isDeepStrictEqual } from "node:util";

/** One value as the JSON protocol writes it: `{ "S": "text" }`. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;

/** Bytes of a whole item: every name and every value. */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

/** Bytes of a value without its name. A value that is not of the protocol's form counts 0: the table will refuse it. */
export function valueSize(value: unknown): number {
  if (!isRecord(value)) return 0;
  const [type, content] = Object.entries(value)[0] ?? [];
  switch (type) {
    case "S":
      return Buffer.byteLength(String(content));
    case "N":
      return numberSize(String(content));
    case "B":
      return Buffer.byteLength(String(content), "base64");
    case "BOOL":
    case "NULL":
      return 1;
    case "SS":
      return sum(content, (element) => Buffer.byteLength(String(element)));
    case "NS":
      return sum(content, (element) => numberSize(String(element)));
    case "BS":
      return sum(content, (element) => Buffer.byteLength(String(element), "base64"));
    case "L":
      return 3 + sum(content, (element) => 1 + valueSize(element));
    case "M":
      if (!isRecord(content)) return 3;
      return Object.entries(content).reduce(
        (bytes, [name, one]) => bytes + 1 + Buffer.byteLength(name) + valueSize(one),
        3,
      );
    default:
      return 0;
  }
}

/** Whether two values are the same to DynamoDB, for which a set has no order. */
export function isSameValue(left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (isDeepStrictEqual(left, right)) return true;
  if (!left || !right) return false;
  return ["SS", "NS", "BS"].some((type) => {
    const [one, other] = [left[type], right[type]];
    return Array.isArray(one) && Array.isArray(other) && isDeepStrictEqual([...one].sort(), [...other].sort());
  });
}

/** One byte, one for each two significant digits (pairs start at the decimal point), one more below zero. */
function numberSize(text: string): number {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim()) ?? [];
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/^0+/, "").replace(/0+$/, "");
  if (significant === "") return 1;
  const leadingZeros = digits.length - digits.replace(/^0+/, "").length;
  const digitsBeforePoint = whole.length - leadingZeros + Number(exponent);
  const isHalfPairInFront = Math.abs(digitsBeforePoint) % 2 === 1;
  return 1 + Math.ceil((significant.length + (isHalfPairInFront ? 1 : 0)) / 2) + (sign === "-" ? 1 : 0);
}

function sum(elements: unknown, size: (element: unknown) => number): number {
  return Array.isArray(elements) ? elements.reduce<number>((bytes, element) => bytes + size(element), 0) : 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
