/** `recado verify`: proves the logs, and says where they are not what was written. */
import { isLogName } from "../shared/aws/entry-item.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { counted, startProgress } from "./progress.ts";
import type { Prove } from "./store.ts";

/**
 * @param only the one log to prove: of a conversation, a contact, or `account:` and an account; all unless given
 * @param prove walks one log, or all
 * @throws Failure when there are problems, after every one of them was printed, or no such log
 */
export async function verify(only: string | undefined, prove: Prove): Promise<void> {
  if (only !== undefined && !isLogName(only))
    throw new Failure(`${printable(only)} names no log. Say conv_…, con_…, or account: and the name of an account.`);
  const progress = startProgress({ inPipe: "nothing" });
  progress.show({ done: 0, words: "Looking for logs" });
  const { logs, entries, erased, problems } = await prove(only, (walked) => {
    progress.show({
      done: walked.logs,
      total: walked.ofLogs,
      words: `${counted(walked.logs, "log")}, ${counted(walked.entries, "entry", "entries")}`,
    });
  }).finally(() => progress.end());
  for (const { log, sequence, code, text } of problems) console.log(printable(`${log}#${sequence}  ${code}  ${text}`));
  if (only !== undefined && entries === 0 && problems.length === 0)
    throw new Failure(`There is no log of ${printable(only)}: nothing was ever recorded there, and nothing is proved.`);
  const walked = `${counted(entries, "entry", "entries")} in ${counted(logs, "log")}`;
  if (problems.length > 0) throw new Failure(`${counted(problems.length, "problem")} among ${walked}.`);
  console.log(
    `${walked}: every number there, every key once, every state as it follows from what came before, every file in its place.`,
  );
  if (erased > 0) console.log(`${counted(erased, "entry was", "entries were")} erased on request.`);
}
