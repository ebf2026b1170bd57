/** What an agent heard from the customer about messages, where no word of the customer's said so. */
import { ConsentToNote, NoQuery } from "../../shared/domain/api-shapes.ts";
import { type Consent, PROACTIVE } from "../../shared/domain/consent.ts";
import { ContactConsentToNote } from "../../shared/domain/contact-shapes.ts";
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { locateContact, refuseMerged, shownContact } from "./contacts.ts";
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
  if (isKnown(located, wanted)) return json(200, conversation);
  await ports.mailbox.deliver([await consentItem(located, wanted, ports)]);
  const others = conversation.optedOut.filter((topic) => topic !== wanted.topic);
  const isOut = wanted.state === "opted_out";
  return json(202, { ...conversation, optedOut: isOut ? [...others, wanted.topic].sort() : others });
}

/**
 * The same in every conversation that the person has on the channel: 202 with what they said last once that is recorded;
 * 200, and no event, when all of those conversations know it.
 */
export async function noteContactConsent({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { channel, ...wanted } = readBody(request, ContactConsentToNote);
  const contact = await locateContact(name, ports);
  refuseMerged(contact);
  const places = contact.conversations.filter((place) => place.channel === channel);
  if (places.length === 0) {
    const detail = "There is no conversation with this contact on the channel.";
    throw new PublicError("invalid_body", detail, { field: "channel" });
  }
  const all = await Promise.all(places.map(({ conversation }) => current(conversation, ports)));
  const distinct = [...new Map(all.map((located) => [located.summary.conversation, located])).values()];
  const news = distinct.filter((located) => !isKnown(located, wanted));
  if (news.length === 0) return json(200, shownContact(contact));
  await ports.mailbox.deliver(await Promise.all(news.map((located) => consentItem(located, wanted, ports))));
  const others = contact.consents?.filter((said) => said.channel !== channel || said.topic !== wanted.topic) ?? [];
  const said: Consent = { channel, ...wanted, source: "agent", at: ports.clock.now() };
  return json(202, shownContact({ ...contact, consents: [...others, said] }));
}

/** @throws PublicError `invalid_body` when the conversation has no room for one more topic */
function isKnown({ newest }: Located, { topic, state }: ConsentToNote): boolean {
  const { optedOut = [] } = newest.after;
  if (state !== "opted_out") return false;
  if (optedOut.includes(topic)) return true;
  if (optedOut.length >= MOST_TOPICS && !OF_MANY.has(topic)) throw tooMany();
  return false;
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
    token: newToken(ports.random),
    type: "consent.changed",
    account,
    channel,
    address,
    at: { received: ports.clock.now() },
    data: { topic, state, source: "agent" },
  };
}
