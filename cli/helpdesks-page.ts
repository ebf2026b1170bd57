/**
 * `docs/helpdesks.md`: what agents have at every helpdesk, written from its `capabilities` and from what its code can be
 * told and asked. `node cli/helpdesks-page.ts` writes it anew.
 */
import { existsSync, writeFileSync } from "node:fs";
import type { Helpdesk, TicketWay } from "../shared/helpdesks/helpdesk.ts";
import { helpdesks } from "../shared/helpdesks/registry.ts";
import { size, table } from "./markdown.ts";

export const PATH = "docs/helpdesks.md";

const all: readonly Helpdesk[] = Object.values(helpdesks);

/** A question of whoever chooses a helpdesk, and a desk's answer in a few words. */
type Question = readonly [question: string, answer: (desk: Helpdesk) => string];

const QUESTIONS: readonly Question[] = [
  [
    "The agent sees that a reply was delivered and read",
    (desk) => toldBack(desk) ?? (desk.capabilities.statusBack === "full" ? "beside the reply" : "by note, if you want"),
  ],
  ["… that it failed, and why", (desk) => toldBack(desk) ?? (ticketWay(desk)?.status ? "beside the reply" : "by note")],
  [
    "… until when a free reply is possible",
    (desk) => (ticketWay(desk) ? WINDOW[desk.capabilities.window] : "its own matter"),
  ],
  ["A reply whose webhook is lost is found", (desk) => found(desk)],
  [
    "The desk says again what was not taken from it",
    ({ capabilities }) => (capabilities.retries ? "yes" : "not for certain"),
  ],
  ["Replies go out in the order in which agents wrote them", (desk) => ordered(desk)],
  [
    "What the customer wrote is there once, even after a lost answer",
    ({ capabilities }) => (capabilities.dedupes ? "yes, by its id" : "yes, Recado looks first"),
  ],
  [
    "Its ticket is found again by",
    ({ capabilities }) => (capabilities.threadKey === "ours" ? "Recado's id" : "the desk's id, which is kept"),
  ],
  [
    "What a customer writes in a row is one message",
    ({ capabilities: { joinSeconds } }) => (joinSeconds === undefined ? "no" : `within ${joinSeconds} seconds`),
  ],
  ["Solved", (desk) => ways(desk, { heard: desk.capabilities.state.closed, told: "state" })],
  ["Tags", (desk) => ways(desk, { heard: desk.capabilities.state.tags, told: "tag" })],
  ["Assignee", ({ capabilities }) => (capabilities.state.assignee ? "from the desk" : "no")],
  ["A customer's new name", (desk) => toldBack(desk) ?? (ticketWay(desk)?.customer ? "yes" : "no")],
  [
    "Channel, account, order, advertisement",
    (desk) => toldBack(desk) ?? (desk.capabilities.fields ? "in fields" : "in a note"),
  ],
  [
    "Agents choose templates",
    ({ capabilities }) => (capabilities.templates ? "in the desk, or by `/template`" : "by `/template`"),
  ],
  [
    "Files in one message, up to",
    ({ capabilities: { files } }) => `${files.most}, of ${size(files.largestBytes)} each`,
  ],
  ["Text in one message, up to", ({ capabilities }) => `${capabilities.longestText.toLocaleString("en")} characters`],
  [
    "Requests held to the vendor's own description of its API",
    ({ name }) => (existsSync(`test/helpdesks/${name}-spec.test.ts`) ? "yes" : "no"),
  ],
];

const WINDOW = {
  native: "the composer closes",
  note: "a note in the last hour",
  none: "no",
} as const;

function ticketWay({ way }: Helpdesk): TicketWay | undefined {
  return "say" in way ? way : undefined;
}

/** A desk that is told the events themselves is told everything. */
function toldBack(desk: Helpdesk): string | undefined {
  return ticketWay(desk) ? undefined : "as an event";
}

function ordered(desk: Helpdesk): string {
  if (desk.capabilities.isOrdered) return "yes";
  if (!desk.reconciler) return "as its webhooks come";
  return ticketWay(desk) ? "yes" : "if it lists them";
}

function found(desk: Helpdesk): string {
  const { capabilities, reconciler } = desk;
  if (capabilities.answersAtOnce) return "the agent sees at once that it did not go out";
  // A desk of events has no ticket that anything could have happened in: it is asked when it tells the next reply.
  if (!ticketWay(desk)) return reconciler ? "with the next one, if it lists them" : "no";
  if (reconciler)
    return reconciler.changed ? "within minutes" : "within minutes, in conversations that were active last";
  return capabilities.retries ? "the desk says it again" : "no";
}

function ways(desk: Helpdesk, { heard, told }: { heard: boolean; told: "state" | "tag" }): string {
  const way = ticketWay(desk);
  const isTold = way ? way[told] !== undefined : true;
  if (heard && isTold) return "both ways";
  if (heard) return "from the desk";
  return isTold ? "to the desk" : "no";
}

/** What no cell can say, by desk. */
const NOTES: Readonly<Record<string, string>> = {
  chatwoot:
    "Its *Retry* beside a failed reply sends it again. The composer closes once the inbox is set up so (its page says how).",
  front: "A webhook of Front's is the agent's own click, which fails in front of them when Recado cannot be reached.",
  generic:
    "What it shows is its own making: it is told every event, and fetches files by the API. It lists replies where `repliesUrl` is set.",
  hubspot: "*Delivered* has no word of its own there and shows as sent; *read* does show.",
  "zendesk-messaging":
    "It has no private messages: Recado's notes are messages to no channel, behind 🔒, which agents alone read.",
  "zendesk-tickets":
    "Zendesk allows 30 updates of a ticket in ten minutes, which is why what comes in a row is joined; beyond that the conversation waits.",
};

function notes(): string {
  return all.flatMap(({ name }) => (NOTES[name] === undefined ? [] : [`- **${name}**: ${NOTES[name]}`])).join("\n");
}

/** The whole page. */
export function helpdesksPage(): string {
  const head = all.map(({ name }) => `[${name}](../shared/helpdesks/${name}/README.md)`);
  return `# Helpdesks

Written by \`node cli/helpdesks-page.ts\` from what the helpdesks declare and from what their code can be told and asked.
The name of each leads to its own page: what to set up there, what agents see, limits, and what is not verified. None of
them is yours? [Write your own](own-helpdesk.md).

## What all of them share

\`generic\` is told events and makes of them what it likes; what this page says of tickets and notes is for the others.

**What agents see of customers.** A conversation is a ticket. The customer's words stand in it as they wrote them, under
their name, with their files; an answer stands as one where the desk has quotes. A file is
waited for, a minute at most, so that it comes with its message; one that is too large or one too many is a link that opens
for seven days. That the customer changed or deleted a message, reacted to one, or wants to hear no more stands there as
a private note. So does, in a new ticket, what was said before: up to ten messages, the number of the ticket before, and where the desk
has no fields, the channel and the account. What the business says elsewhere (the API, the phone app, another helpdesk)
stands there too, under who said it.

**What customers get of agents.** Public replies by people, with their files. Never a note, and what bots and the desk
itself say only with \`botReplies\`. Bold, lists and links of the desk's editor become the channel's own marks, on WhatsApp, or plain lines. One file takes the
text with it as its caption; several follow the text. If a file cannot be fetched for ten minutes, nothing of the reply goes out
and the agent reads why. What the customer has, no desk can change: an agent who edits or deletes a reply is told so, where the desk tells.

**No echoes.** Nothing that Recado writes at a desk comes back to the customer as a reply. Three things see to it: a
desk's code takes replies of people alone, and not those of its own user; what it writes carries its mark, where the desk has a place for one; and
the desk's ids of it are kept. While a request of ours is on its way, a reply in the same conversation is held for up to
20 seconds, since it may be the same message, told back before the answer was here. Customers are never given an
e-mail address at a desk that mail could reach, or it would write to them by mail as well.

**A reply goes out once**, however often and in whatever webhook the desk tells it
([why](decisions/0018-replies-by-the-desks-id.md)). One that may not go out (the window has closed, the customer wants nothing more)
fails, and the agent reads the reason and what they can do.

**A campaign opens no ticket.** What the business sends first is shown when the customer answers.

## What you decide

Beside a desk's own settings:

\`\`\`ts
accounts: {
  whatsapp: {
    connector: "whatsapp-cloud",
    // …
    templates: [{ name: "order_shipped", language: "pt_BR" }],
  },
},
helpdesks: {
  support: {
    helpdesk: "chatwoot",
    // …
    accounts: ["whatsapp"],
    onSolved: { newAfterHours: 72 },
  },
}
\`\`\`

| option | unless you set it | what it means |
|---|---|---|
| \`accounts\` | all | only the conversations of these accounts |
| \`botReplies\` | \`false\` | whether what bots and automations of the desk write goes out to customers |
| \`agentNames\` | \`false\` | whether customers read the agent's name in front of a reply (\`*Ana:*\` on WhatsApp, \`Ana:\` elsewhere) |
| \`onSolved\` | \`"reopen"\` | what a customer's message does to a solved ticket: opens it again; \`"new"\`: another ticket; \`{ newAfterHours: 72 }\`: another one if it was solved longer ago |
| \`receiptNotes\` | \`false\` | at desks that do not show it themselves: a note for each reply that was delivered and read, too. What failed, and what is uncertain, is noted in any case |
| an account's \`templates\` | none | approved templates, whose names agents are told when the window has closed |

**Templates.** An agent writes \`/template order_shipped Ana | 1234\` as a reply, and nothing else in it: the template goes out with *Ana* and *1234* in
its places. The language is the first that the account names for it, \`en\` for others; \`/template order_shipped pt_BR Ana | 1234\`
says it. For a template that no account names, a first value of two or three small letters counts as a language: name your templates.

## What becomes of tickets

**Solved** in the desk means closed in Recado (\`conversation.closed\`), and the other way round where the table says so. The
customer's next message opens the conversation again, and the ticket as \`onSolved\` has it. A ticket that takes nothing any more
(deleted, or closed for good) is followed by a new one whatever \`onSolved\` says. A reply in an earlier ticket still goes out. A ticket that
was solved before the customer wrote again, and whose webhook comes later, stays open where the desk tells the time.

**Two desks at once.** Each configured desk gets all conversations, or those of its \`accounts\`. What agents write at one stands
in the other as said elsewhere; solved and tags go from one to the other as far as the table says; who was assigned stands
there as a note. Both may answer: nobody keeps agents from answering twice.

**Another desk.** Add the new one under a name of its own, and deploy. Within minutes it gets every open conversation, with the
customer's last message and up to ten before it (\`generic\` gets the last 20 events); closed ones when the customer writes again. Then take the old one out of the configuration:
its webhooks are answered 404 from then on, and nobody asks it any more. Never give the old name to another kind of
helpdesk: which tickets belong to which conversations is kept under it.

**A customer who is erased** stays in the desk until an agent removes them: a note in the ticket asks for it, \`generic\` gets \`contact.erased\`, and
the receipt of the erasure says whether the desk was told. The ticket is forgotten here: a reply in it goes nowhere, and when the customer writes again
another one is opened.

**A desk that is down** loses nothing. Its conversations wait, each for itself, and are tried again after 5, 10, 20 … seconds, at last every quarter
of an hour, for as long as it takes; then everything comes in order. One that says how long to wait is left alone for so long by
all conversations. What a desk refuses for good is tried for ten minutes, then left out, and the log says so (\`helpdesk.failed\`); a
file that it refuses becomes a link. Other desks, the log and the API do not notice.

**When Recado is down for a desk**, its webhooks are lost or come again, as the table says. Every five minutes desks that can be
asked are asked for what they did not tell ([why](decisions/0020-a-desks-webhook-is-a-doorbell.md)).

## The desks

${table(
  ["", ...head],
  QUESTIONS.map(([question, answer]) => [question, ...all.map(answer)]),
)}

${notes()}

- **By note, if you want**: \`receiptNotes: true\`.
- **In conversations that were active last**: the desk cannot be asked what has changed, so the 100 that were, within a day.
- **A note in the last hour** comes only where the channel has such a time, and nobody has answered since the customer wrote.
- **Solved, tags**: *from the desk* means that Recado hears of it and cannot do it there. Recado adds tags and takes none away.
- **Assignee**: who has a ticket is known in the log (\`conversation.assigned\`); Recado assigns nobody.
- **Text and files**: longer texts come as several messages, other files as links.

## What was seen, and what was not

All of this was seen against simulators alone, which run on one machine and behave as the vendors' documentation, or their source, says; no desk
was tried with a live account. Where the last line of the table says *yes*, the tests can also hold every request to the description that
the vendor publishes of its API. \`generic\` is held to a published library of Standard Webhooks. What is most likely to differ stands
under *Not verified* on each desk's page: read it before you go live, and try a reply, a file, a failed reply and a solved ticket.
`;
}

if (import.meta.main) writeFileSync(PATH, helpdesksPage());
