/** What an agent heard from the customer about messages, where no word of the customer's said so. */
import { ConsentToNote, NoQuery } from "../../shared/domain/api-shapes.ts";
import { PROACTIVE } from "../../shared/domain/consent.ts";
import { eventKey } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { current, type Located, view } from "./conversations.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

/** Each stands in every entry of the log from then on. */
const MOST_TOPICS = 20;
const OF_MANY: ReadonlySet<string> = new Set(["all", PROACTIVE]);

/** 202 with the topics as they are once the event is recorded; 200, and no event, when they are so already. */
export async function noteConsent({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const wanted = readBody(request, ConsentToNote);
  const located = await current(name, ports);
  const conversation = await view(located, ports);
  const { optedOut: before = [] } = located.newest.after;
  const isOut = wanted.state === "opted_out";
  if (isOut && before.includes(wanted.topic)) return json(200, conversation);
  if (isOut && before.length >= MOST_TOPICS && !OF_MANY.has(wanted.topic)) throw tooMany();
  await ports.mailbox.deliver([await consentItem(located, wanted, ports)]);
  const others = conversation.optedOut.filter((topic) => topic !== wanted.topic);
  return json(202, { ...conversation, optedOut: isOut ? [...others, wanted.topic].sort() : others });
}

function tooMany(): PublicError {
  const detail = `The customer has stopped ${MOST_TOPICS} topics already. Note “proactive”, which is all that the business begins, or “all”.`;
  return new PublicError("invalid_body", detail, { field: "topic" });
}

async function consentItem(
  { summary, newest }: Located,
  { topic, state }: ConsentToNote,
  ports: Ports,
): Promise<MailboxItem> {
  const { idSecret } = await ports.deployment();
  const { conversation, account, channel, address } = summary;
  return {
    log: conversation,
    // The place in the log makes it one event however often it is asked for, and another one the next time.
    key: eventKey(idSecret, account, `${conversation}#consent.${topic}.${state}#${newest.sequence}`),
    token: Buffer.from(ports.random(12)).toString("base64url"),
    type: "consent.changed",
    account,
    channel,
    address,
    at: { received: ports.clock.now() },
    data: { topic, state, source: "agent" },
  };
}
