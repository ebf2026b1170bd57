/** What an agent did that is no reply: solved, assigned, tagged; or changed what the customer already has. */
import { CHANNEL_NAMES } from "../../shared/domain/content-words.ts";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { EventType } from "../../shared/domain/event.ts";
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { placeOf } from "./mailbox-item.ts";
import type { Ports } from "./ports.ts";
import type { Given } from "./take-reply.ts";
import { keyOf } from "./take-writing.ts";

const DONE: Next = { kind: "done" };

type Word = Extract<DeskHappening, { type: "state" | "assigned" | "tags" | "edited" | "deleted" }>;

/** @throws WorldFault */
export async function takeWord(happening: Word, given: Given, ports: Ports): Promise<Next> {
  const { desk, located } = given;
  const isReply = happening.type === "edited" || happening.type === "deleted";
  if (!isReply && (await isFormer(happening, given, ports))) return DONE;
  switch (happening.type) {
    case "state": {
      if (isOvertaken(happening, given)) {
        log("warn", "desk_state_overtaken", { desk, conversation: located.summary.conversation });
        return DONE;
      }
      const what = happening.state === "open" ? "opened" : "closed";
      await tell(`conversation.${what}`, `${happening.id}#${what}`, { by: "agent", helpdesk: desk }, given, ports);
      return DONE;
    }
    case "assigned": {
      const { assignee } = happening;
      const data = { helpdesk: desk, ...(assignee && { assignee }) };
      await tell("conversation.assigned", `${happening.id}#assigned`, data, given, ports);
      return DONE;
    }
    case "tags":
      return takeTags(happening, given, ports);
    case "edited":
    case "deleted":
      return takeChange(happening, given, ports);
  }
}

/** What becomes of a ticket that another one has followed is nothing to the conversation. */
async function isFormer({ ticket }: Word, { desk, located }: Given, { tickets }: Ports): Promise<boolean> {
  if (ticket === undefined) return false;
  const state = await tickets.deskState(desk, located.summary.conversation);
  return state?.previous?.id === ticket || (state?.id !== undefined && state.id !== ticket);
}

/** A ticket that was solved before the customer wrote again is not solved: its webhook was late. */
function isOvertaken({ state, at }: Extract<Word, { type: "state" }>, { located }: Given): boolean {
  const { inbound } = located.newest.after;
  return state === "closed" && at !== undefined && inbound !== undefined && at < inbound;
}

/** Tags that are as they were are what we set ourselves, or told again. */
async function takeTags({ id, tags }: Extract<Word, { type: "tags" }>, given: Given, ports: Ports): Promise<Next> {
  const { desk, located } = given;
  const { conversation } = located.summary;
  const known = await ports.tickets.listened(desk, conversation);
  const now = [...new Set(tags)].sort();
  if (JSON.stringify(known.tags ?? []) === JSON.stringify(now)) return DONE;
  await tell("conversation.tagged", `${id}#tags`, { tags: now, helpdesk: desk }, given, ports);
  await ports.tickets.putListened(desk, conversation, { ...known, tags: now });
  return DONE;
}

/** What the customer has, no desk can change: whoever tried is told so, about the message. */
async function takeChange(
  { id, of, type }: Extract<Word, { type: "edited" | "deleted" }>,
  given: Given,
  ports: Ports,
): Promise<Next> {
  const { desk, located } = given;
  const where = CHANNEL_NAMES[located.summary.channel];
  for (const name of located.logs) {
    const entry = await ports.table.find(name, keyOf(of, 0, desk, ports));
    const message = entry && messageIn(entry);
    if (!message) continue;
    const detail =
      type === "edited"
        ? `This reply was changed after it had gone out. The customer still reads it as it was: on ${where} nothing can be changed from here. Write a correction if it matters.`
        : `This reply was deleted after it had gone out. The customer still has it: on ${where} nothing can be taken back from here.`;
    await tell(
      "helpdesk.failed",
      `${id}#${type}`,
      { helpdesk: desk, message: { id: message.id }, detail },
      given,
      ports,
    );
    return DONE;
  }
  return DONE;
}

/** That something an agent did could not be taken, by a fault of ours: in the log, and so at the desk. */
export async function tellFault({ id, type }: DeskHappening, given: Given, ports: Ports): Promise<void> {
  const what = type === "reply" || type === "again" ? "A reply" : "Something";
  const detail = `${what} from ${given.desk} could not be taken by a fault of Recado's own, and did not go out. Please tell whoever looks after it.`;
  await tell("helpdesk.failed", `${id}#fault`, { helpdesk: given.desk, reply: id, detail }, given, ports);
}

async function tell(
  type: EventType,
  subject: string,
  data: object,
  { desk, located, receivedAt }: Given,
  ports: Ports,
): Promise<void> {
  const { conversation, contact, ...place } = placeOf(located);
  await ports.mailbox.deliver([
    {
      log: conversation,
      key: eventKey(ports.idSecret, desk, subject),
      token: newToken(ports.random),
      type,
      ...place,
      contact: { id: contact },
      at: { received: receivedAt },
      data,
    },
  ]);
}
