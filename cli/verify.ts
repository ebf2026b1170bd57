/** `recado verify`: proves the logs, and says where they are not what was written. */
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { counted, startProgress } from "./progress.ts";
import type { Prove } from "./store.ts";

/**
 * @param prove walks one conversation's log, or all logs
 * @throws Failure when there are problems, after every one of them was printed
 */
export async function verify(conversation: string | undefined, prove: Prove): Promise<void> {
  const progress = startProgress({ inPipe: "nothing" });
  progress.show({ done: 0, words: "Looking for logs" });
  const { logs, entries, erased, problems } = await prove(conversation, (walked) => {
    progress.show({
      done: walked.logs,
      total: walked.ofLogs,
      words: `${counted(walked.logs, "log")}, ${counted(walked.entries, "entry", "entries")}`,
    });
  }).finally(() => progress.end());
  for (const { log, sequence, code, text } of problems) console.log(printable(`${log}#${sequence}  ${code}  ${text}`));
  const walked = `${counted(entries, "entry", "entries")} in ${counted(logs, "log")}`;
  if (problems.length > 0) throw new Failure(`${counted(problems.length, "problem")} among ${walked}.`);
  console.log(
    `${walked}: every number there, every key once, every state as it follows from what came before, every file in its place.`,
  );
  if (erased > 0) console.log(`${counted(erased, "entry was", "entries were")} erased on request.`);
}
