/** What an agent heard from the customer about messages, where no word of the customer's said so. */
import { ConsentToNote, NoQuery } from "../../shared/domain/api-shapes.ts";
import { type Consent, PROACTIVE } from "../../shared/domain/consent.ts";
import { ContactConsentToNote } from "../../shared/domain/contact-shapes.ts";
import { ask, type Wanted } from "./asked.ts";
import { locateContact, refuseMerged, shownContact } from "./contacts.ts";
import { current, type Located, view } from "./conversations.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

/** Each stands in every entry of the log from then on. */
const MOST_TOPICS = 20;
const OF_MANY: ReadonlySet<string> = new Set(["all", PROACTIVE]);

/**
 * 202 with the topics as they are once the event is recorded; 200 when they are so already. It is asked of the log all the
 * same, which knows whether it is news: the customer may have said something else a moment ago.
 */
export async function noteConsent({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const wanted = readBody(request, ConsentToNote);
  const located = await current(name, ports);
  const conversation = await view(located, ports);
  const isSo = isKnown(located, wanted);
  await ask([consentOf(located, wanted)], ports);
  if (isSo) return json(200, conversation);
  const others = conversation.optedOut.filter((topic) => topic !== wanted.topic);
  const isOut = wanted.state === "opted_out";
  return json(202, { ...conversation, optedOut: isOut ? [...others, wanted.topic].sort() : others });
}

/**
 * The same in every conversation that the person has on the channel: 202 with what they said last once that is recorded;
 * 200 when all of those conversations know it, which are asked all the same.
 */
export async function noteContactConsent({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { channel, ...wanted } = readBody(request, ContactConsentToNote);
  const contact = await locateContact(name, ports);
  refuseMerged(contact);
  const places = contact.conversations.filter((place) => place.channel === channel);
  if (places.length === 0) {
    const detail = "There is no conversation with this contact on the channel.";
    throw new PublicError("recipient_unknown", detail, { field: "channel" });
  }
  const all = await Promise.all(places.map(({ conversation }) => current(conversation, ports)));
  const distinct = [...new Map(all.map((located) => [located.summary.conversation, located])).values()];
  const isSo = distinct.map((located) => isKnown(located, wanted)).every(Boolean);
  await ask(
    distinct.map((located) => consentOf(located, wanted)),
    ports,
  );
  if (isSo) return json(200, shownContact(contact));
  const others = contact.consents?.filter((said) => said.channel !== channel || said.topic !== wanted.topic) ?? [];
  const said: Consent = { channel, ...wanted, source: "agent", at: ports.clock.now() };
  return json(202, shownContact({ ...contact, consents: [...others, said] }));
}

/** @throws PublicError `too_many_topics` */
function isKnown({ newest }: Located, { topic, state }: ConsentToNote): boolean {
  const { optedOut = [] } = newest.after;
  if (state !== "opted_out") return false;
  if (optedOut.includes(topic)) return true;
  if (optedOut.length >= MOST_TOPICS && !OF_MANY.has(topic)) throw tooMany();
  return false;
}

function tooMany(): PublicError {
  const detail = `The customer has stopped ${MOST_TOPICS} topics already. Note “proactive”, which is all that the business begins, or “all”.`;
  return new PublicError("too_many_topics", detail, { field: "topic" });
}

function consentOf({ summary }: Located, { topic, state }: ConsentToNote): Wanted {
  const { conversation: log, account, channel, address } = summary;
  return { log, type: "consent.changed", account, channel, address, data: { topic, state, source: "agent" } };
}
