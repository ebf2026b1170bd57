/**
 * take-reply: what an agent did at a helpdesk becomes what the API would have made of it. A reply is put into the mailbox
 * as one or several messages whose ids and keys are made of the desk's id alone, so that it goes out once, however often
 * and in however many webhooks it is told. Whether it may go out is asked when it is sent: a reply that may not fails
 * there, with the reason, which the desk hears like everything that becomes of a message.
 */
import type { DeskHappening, DeskItem } from "../../shared/domain/desk-happening.ts";
import { log } from "../../shared/log.ts";
import { type Next, WorldFault } from "../../shared/ports.ts";
import { listen } from "./listen.ts";
import { locate } from "./locate.ts";
import type { DeskRules, Located, Ports } from "./ports.ts";
import { takeWord, tellFault } from "./take-word.ts";
import { takeWriting } from "./take-writing.ts";

const DONE: Next = { kind: "done" };
/** So long an agent waits to hear that a file or the desk cannot be had, and as long their next replies wait behind it. */
const GIVEN_UP_AFTER_MS = 10 * 60_000;
/** So often it is asked for in any case, however late the first time was. */
const FEWEST_TRIES = 3;
/** A webhook may be here before the answer to the request of ours that opened the ticket, which may have been lost. */
const UNKNOWN_FOR_MS = 10 * 60_000;
const LOOK_AGAIN_SECONDS = 3;
const LONGEST_LOOK_SECONDS = 120;
/** After so many exceptions of our own it is said that something could not be taken, and the next one's turn comes. */
const FAULTS_BORNE = 3;

/** One thing that happened at a desk, and what is known about it. */
export interface Given {
  desk: string;
  rules: DeskRules;
  located: Located;
  receivedAt: number;
  /** Whether it is still worth waiting for what is not there. */
  mayWait: boolean;
  received: number;
}

/**
 * @param received how often the queue has handed the item out
 * @throws WorldFault: the same item again later
 */
export async function takeReply(
  { desk, happening, receivedAt }: DeskItem,
  received: number,
  ports: Ports,
): Promise<Next> {
  const { type } = happening;
  const drop = (code: string, more = {}) => {
    log("warn", code, { desk, type, conversation: happening.conversation, ticket: happening.ticket, ...more });
    return DONE;
  };
  const rules = ports.desk(desk);
  if (!rules) return drop("desk_unknown");
  const located = await locate(happening, desk, ports);
  const ageMs = ports.clock.now() - receivedAt;
  if (!located) {
    const mayCome = happening.conversation === undefined && ageMs < UNKNOWN_FOR_MS;
    const afterSeconds = Math.min(LOOK_AGAIN_SECONDS * 2 ** Math.max(received - 1, 0), LONGEST_LOOK_SECONDS);
    return mayCome ? { kind: "retry", afterSeconds } : drop("desk_conversation_unknown");
  }
  const { account, conversation } = located.summary;
  // A desk has no say over conversations that it is never told of; those that are its tickets, it is told of.
  const isServed = rules.accounts?.includes(account) ?? true;
  if (!isServed && !(await ports.tickets.deskState(desk, conversation))?.id)
    return drop("desk_not_served", { account });

  const mayWait = ageMs < GIVEN_UP_AFTER_MS || received < FEWEST_TRIES;
  const heard = await listen(happening, { desk, located, mayWait }, ports);
  if (heard.kind === "later") return { kind: "retry", afterSeconds: heard.afterSeconds };
  const given: Given = { desk, rules, located, receivedAt, mayWait, received };
  for (const one of heard.happenings) {
    const next = await takeSafely(one, given, ports);
    if (next.kind === "retry") return next;
  }
  if (heard.reached) {
    const known = await ports.tickets.listened(desk, conversation);
    const { ticket, upTo } = heard.reached;
    const isNew = known.ticket !== ticket || known.upTo !== upTo;
    if (isNew) await ports.tickets.putListened(desk, conversation, { ...known, ticket, upTo });
  }
  return DONE;
}

/** A fault of ours that one thing meets again and again must not hold up what comes behind it. */
async function takeSafely(happening: DeskHappening, given: Given, ports: Ports): Promise<Next> {
  try {
    return await takeOne(happening, given, ports);
  } catch (cause) {
    if (cause instanceof WorldFault || given.received < FAULTS_BORNE) throw cause;
    const reason = cause instanceof Error ? cause.name : typeof cause;
    const { conversation } = given.located.summary;
    log("error", "reply_fault", { desk: given.desk, conversation, type: happening.type, reason });
    await tellFault(happening, given, ports);
    return DONE;
  }
}

function takeOne(happening: DeskHappening, given: Given, ports: Ports): Promise<Next> {
  switch (happening.type) {
    case "reply":
    case "again":
      return takeWriting(happening, given, ports);
    case "look":
      return Promise.resolve(DONE);
    default:
      return takeWord(happening, given, ports);
  }
}
