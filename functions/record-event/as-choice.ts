/**
 * What a customer answers to options that went out as numbered text: “2” becomes the choice that a button would have
 * been, before it enters the log, so that every reader of the log finds the same. Asked of the log alone, hence the same
 * for whoever appends; a message that is not the very next word is left as it was written.
 */
import type { Arrival, Entry } from "../../shared/domain/conversation-log.ts";
import type { Message } from "../../shared/domain/event.ts";
import { choiceFor, optionsOf } from "../../shared/domain/options.ts";
import type { LogReader } from "../../shared/ports.ts";

/** No option that anybody types by hand has a longer title. */
const LONGEST_ANSWER = 100;

/**
 * @param asked `after.asked`: the entry with the options
 * @returns the arrival's data, with the choice in place of the text where it is one
 */
export async function asChoice(
  { type, data, at }: Pick<Arrival, "type" | "data"> & { at: Pick<Entry["at"], "provider" | "received"> },
  asked: number | undefined,
  { log, table }: { log: string; table: Pick<LogReader, "entry"> },
): Promise<unknown> {
  if (asked === undefined || type !== "message.received") return data;
  const { message } = data as { message: Message };
  if (message.content.type !== "text" || message.content.text.length > LONGEST_ANSWER) return data;
  const entry = await table.entry(log, asked);
  // A word that was long on its way may have been written before the question.
  if (entry && (at.provider ?? at.received) < entry.at.received) return data;
  const question = questionIn(entry);
  const choice = question?.content && choiceFor(optionsOf(question.content), message.content.text);
  if (!choice) return data;
  const { id, title, description } = choice;
  const content: Message["content"] = {
    type: "choice",
    id,
    title,
    ...(description !== undefined && { description }),
    text: message.content.text,
  };
  const replyTo = message.replyTo ?? (question.id === undefined ? undefined : { id: question.id });
  return { ...(data as object), message: { ...message, content, ...(replyTo && { replyTo }) } };
}

/** An entry that was erased since says nothing. */
function questionIn(entry: Entry | undefined): Partial<Message> | undefined {
  return (entry?.data as { message?: Partial<Message> } | undefined)?.message;
}
