/** Whose conversation something at a desk is about. */
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { Head } from "../../shared/ports.ts";
import type { Located, Ports } from "./ports.ts";

/** Two aliases deep is the most that a person can make. */
const MOST_MOVES = 4;

/** By the desk's ticket, where it does not name the conversation. */
export async function locate(
  { conversation, ticket }: Pick<DeskHappening, "conversation" | "ticket">,
  desk: string,
  ports: Ports,
): Promise<Located | undefined> {
  const name = conversation ?? (ticket === undefined ? undefined : await ports.tickets.conversationOf(desk, ticket));
  return name === undefined ? undefined : follow(name, ports);
}

/** Follows where it went when its address turned out to be an alias; undefined where nothing of it is known. */
async function follow(conversation: string, { table }: Ports): Promise<Located | undefined> {
  const logs: string[] = [];
  for (let name: string | undefined = conversation; name?.startsWith("conv_") && logs.length < MOST_MOVES; ) {
    logs.push(name);
    const newest: Head | undefined = await table.newest(name);
    if (newest && newest.after.moved === undefined) {
      const summary = await table.summary(name);
      return summary && { summary, newest, logs };
    }
    name = newest?.after.moved;
  }
  return undefined;
}
