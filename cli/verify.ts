/** `recado verify`: proves the logs, and says where they are not what was written. */
import type { StoreReport } from "../shared/aws/verify-store.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";

/**
 * @param prove walks one conversation's log, or all logs
 * @throws Failure when there are problems, after every one of them was printed
 */
export async function verify(
  conversation: string | undefined,
  prove: (conversation?: string) => Promise<StoreReport>,
): Promise<void> {
  const { logs, entries, erased, problems } = await prove(conversation);
  for (const { log, sequence, code, text } of problems) console.log(printable(`${log}#${sequence}  ${code}  ${text}`));
  const walked = `${counted(entries, "entry", "entries")} in ${counted(logs, "log", "logs")}`;
  if (problems.length > 0) throw new Failure(`${counted(problems.length, "problem", "problems")} among ${walked}.`);
  console.log(
    `${walked}: every number there, every key once, every state as it follows from what came before, every file in its place.`,
  );
  if (erased > 0) console.log(`${counted(erased, "entry was", "entries were")} erased on request.`);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
