import { InvalidArgumentError } from "commander";

/** An option in seconds. @throws InvalidArgumentError, which commander shows */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("A number of seconds.");
  return value;
}

/** An option that counts from 1. @throws InvalidArgumentError, which commander shows */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("A whole number from 1 on.");
  return value;
}

/** An option that may be given several times, as if it were given once with commas. */
export function listed(text: string, before?: string): string {
  return before === undefined ? text : `${before},${text}`;
}
