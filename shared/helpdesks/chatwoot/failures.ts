/**
 * The replies that the desk shows as failed by our word. Its list of messages does not say who took a failure back, so
 * that it has to be known which ones there were. Kept with the ticket.
 */
import * as z from "zod/mini";
import { jsonIn } from "../../domain/json.ts";
import type { Place, Ticket } from "../helpdesk.ts";

/** By the desk's id of the message: when it failed, ms since 1970. */
type Failures = Record<string, number>;

const Failures = z.record(z.string(), z.number());
/** An agent tries none of the older ones again. */
const MOST = 20;

export function failuresOf({ failed = "" }: Ticket["kept"]): Failures {
  return Failures.safeParse(jsonIn(failed)).data ?? {};
}

/** @param at ms since 1970 */
export function keepFailure(place: Pick<Place, "ticket" | "keep">, message: string, at: number): Promise<void> {
  return keep(place, { ...failuresOf(place.ticket.kept), [message]: at });
}

export function dropFailure(place: Pick<Place, "ticket" | "keep">, message: string): Promise<void> {
  const others = Object.entries(failuresOf(place.ticket.kept)).filter(([id]) => id !== message);
  return keep(place, Object.fromEntries(others));
}

async function keep({ ticket, keep }: Pick<Place, "ticket" | "keep">, failures: Failures): Promise<void> {
  // Whole numbers, as names, stand in their own order: the newest messages are the last.
  const newest = Object.fromEntries(Object.entries(failures).slice(-MOST));
  const failed = JSON.stringify(newest);
  if (failed !== JSON.stringify(failuresOf(ticket.kept))) await keep({ kept: { failed } });
}
