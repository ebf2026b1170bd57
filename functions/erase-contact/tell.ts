/**
 * Waits until the helpdesks have heard of it, and then takes away what ties the conversation to their tickets: agents
 * are told to remove what stands there. A desk that does not answer is not waited for without end.
 */
import type { Erasure } from "../../shared/domain/erasure.ts";
import { againSeconds } from "./again.ts";
import type { Ports, TakeStep } from "./ports.ts";

const PATIENCE_MS = 10 * 60_000;

export const tell: TakeStep = async (erasure, _, ports) => {
  const conversations = conversationsOf(erasure);
  const positions = await Promise.all(ports.desks.map((desk) => heardBy(desk, conversations, ports)));
  const { announcedAt = 0 } = erasure;
  const now = ports.clock.now();
  if (positions.includes("behind") && now <= announcedAt + PATIENCE_MS)
    return { erasure, afterSeconds: againSeconds(announcedAt, now) };

  const heard = new Map(ports.desks.map((desk, index) => [desk, positions[index]]));
  const known = ports.desks.filter((desk) => heard.get(desk) !== "never");
  const desks: Erasure["desks"] = {};
  for (const desk of new Set([...Object.keys(erasure.desks), ...known])) {
    const removed = (erasure.desks[desk]?.removed ?? 0) + (await untie(desk, conversations, ports));
    desks[desk] = { removed, told: heard.get(desk) === "told" };
  }
  return { erasure: { ...erasure, desks, step: "search" } };
};

interface Conversation {
  log: string;
  upTo: number;
}

export function conversationsOf({ logs }: Erasure): Conversation[] {
  return Object.entries(logs).flatMap(([log, { upTo = 0 }]) => (log.startsWith("conv_") ? [{ log, upTo }] : []));
}

/** @returns how many items there were */
export async function untie(desk: string, conversations: readonly Conversation[], { places }: Ports): Promise<number> {
  let removed = 0;
  for (const { log, upTo } of conversations) removed += await places.removeDesk(desk, log, upTo);
  return removed;
}

/** `never`: it has followed none of these conversations. */
async function heardBy(
  desk: string,
  conversations: readonly Conversation[],
  { table }: Ports,
): Promise<"told" | "behind" | "never"> {
  const read = conversations.map(async ({ log, upTo }) => ({
    upTo,
    position: await table.cursor(`post-to-helpdesk-${desk}`, log),
  }));
  const followed = (await Promise.all(read)).filter(({ position }) => position > 0);
  if (followed.length === 0) return "never";
  return followed.every(({ position, upTo }) => position >= upTo) ? "told" : "behind";
}
