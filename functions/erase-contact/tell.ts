/**
 * Waits until the helpdesks have heard of it, and then takes away what ties the conversation to their tickets: agents
 * are told to remove what stands there. A desk that does not answer is not waited for without end.
 */
import type { Erasure } from "../../shared/domain/erasure.ts";
import type { Ports, TakeStep } from "./ports.ts";

const AGAIN_SECONDS = 2;
const PATIENCE_MS = 10 * 60_000;

export const tell: TakeStep = async (erasure, _, ports) => {
  const conversations = Object.entries(erasure.logs).flatMap(([log, { upTo = 0 }]) =>
    log.startsWith("conv_") ? [{ log, upTo }] : [],
  );
  const positions = await Promise.all(ports.desks.map((desk) => heardBy(desk, conversations, ports)));
  const isOver = ports.clock.now() > (erasure.announcedAt ?? 0) + PATIENCE_MS;
  if (positions.includes("behind") && !isOver) return { erasure, afterSeconds: AGAIN_SECONDS };

  const heard = new Map(ports.desks.map((desk, index) => [desk, positions[index]]));
  const known = ports.desks.filter((desk) => heard.get(desk) !== "never");
  const desks: Erasure["desks"] = {};
  for (const desk of new Set([...Object.keys(erasure.desks), ...known])) {
    let removed = erasure.desks[desk]?.removed ?? 0;
    for (const { log, upTo } of conversations) removed += await ports.places.removeDesk(desk, log, upTo);
    desks[desk] = { removed, told: heard.get(desk) === "told" };
  }
  return { erasure: { ...erasure, desks, step: "search" } };
};

/** `never`: it has followed none of these conversations. */
async function heardBy(
  desk: string,
  conversations: readonly { log: string; upTo: number }[],
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
