/**
 * take-reply: what an agent did at a helpdesk becomes what the API would have made of it. A reply is put into the mailbox
 * as one or several messages whose ids and keys are made of the desk's id alone, so that it goes out once, however often
 * and in however many webhooks it is told. Whether it may go out is asked when it is sent: a reply that may not fails
 * there, with the reason, which the desk hears like everything that becomes of a message.
 */
import type { DeskHappening, DeskItem } from "../../shared/domain/desk-happening.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { listen } from "./listen.ts";
import { locate } from "./locate.ts";
import type { DeskRules, Located, Ports } from "./ports.ts";
import { takeWord } from "./take-word.ts";
import { takeWriting } from "./take-writing.ts";

const DONE: Next = { kind: "done" };
/** So long an agent waits to hear that a file or the desk cannot be had, and as long their next replies wait behind it. */
const GIVEN_UP_AFTER_MS = 10 * 60_000;
/** So often it is asked for in any case, however late the first time was. */
const FEWEST_TRIES = 3;
/** A webhook may be here before the answer to the request of ours that opened the ticket. */
const UNKNOWN_FOR_MS = 60_000;
const LOOK_AGAIN_SECONDS = 3;

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
    return mayCome ? { kind: "retry", afterSeconds: LOOK_AGAIN_SECONDS } : drop("desk_conversation_unknown");
  }
  const { account } = located.summary;
  // A desk has no say over conversations that it is never told of.
  if (rules.accounts && !rules.accounts.includes(account)) return drop("desk_not_served", { account });

  const mayWait = ageMs < GIVEN_UP_AFTER_MS || received < FEWEST_TRIES;
  const heard = await listen(happening, { desk, located, mayWait }, ports);
  if (heard.kind === "later") return { kind: "retry", afterSeconds: heard.afterSeconds };
  const given: Given = { desk, rules, located, receivedAt, mayWait, received };
  for (const one of heard.happenings) {
    const next = await takeOne(one, given, ports);
    if (next.kind === "retry") return next;
  }
  if (heard.reached) {
    const { conversation } = located.summary;
    const known = await ports.tickets.listened(desk, conversation);
    const { ticket, upTo } = heard.reached;
    const isNew = known.ticket !== ticket || known.upTo !== upTo;
    if (isNew) await ports.tickets.putListened(desk, conversation, { ...known, ticket, upTo });
  }
  return DONE;
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
