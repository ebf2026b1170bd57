/** `recado simulate`: a customer writes through the simulated vendor of the local run. */
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../infra/config-file.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import { type Follower, followAll } from "../shared/client/follow.ts";
import type { Envelope } from "../shared/domain/envelope.ts";
import { type Access, clientAccess, reach, withRecado } from "./api.ts";
import { eventLine } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { followConversation } from "./follow.ts";

export interface SimulateOptions extends Access {
  from?: string;
  /** What the customer does, in the simulator's word; writes text when left out. */
  kind?: string;
  /** The provider's id of the message that it is about. */
  about?: string;
  reply?: string;
  /** Seconds. */
  wait: number;
}

interface Writer {
  /** Who writes when nobody is named. */
  from: string;
  /** How the simulator is told to whom, by the settings of the account. */
  to: (settings: Record<string, unknown>) => Record<string, unknown>;
}

const writers: Record<ConnectorName, Writer> = {
  "whatsapp-cloud": { from: "+351910000001", to: ({ phoneNumberId }) => ({ phoneNumberId }) },
  "whatsapp-aws": { from: "+351910000001", to: ({ phoneNumberId }) => ({ phoneNumberId }) },
  messenger: { from: "7000000000000001", to: ({ pageId }) => ({ pageId }) },
  instagram: { from: "8000000000000001", to: ({ instagramId }) => ({ instagramId }) },
  "sms-twilio": { from: "+351910000001", to: ({ from, messagingServiceSid }) => ({ to: from ?? messagingServiceSid }) },
  "sms-vonage": { from: "+351910000001", to: ({ from }) => ({ to: from }) },
  "sms-telnyx": { from: "+351910000001", to: ({ from, messagingProfileId }) => ({ to: from ?? messagingProfileId }) },
  "sms-aws": { from: "+351910000001", to: ({ from }) => ({ to: from }) },
};

/** What a customer does becomes one of these where the vendor gives it no id of its own. */
const WITHOUT_ID: ReadonlySet<Envelope["type"]> = new Set([
  "message.received",
  "message.edited",
  "message.deleted",
  "message.reacted",
  "contact.updated",
  "consent.changed",
]);

const POLL_MS = 200;
/** A message that the API does not show by then will not come. */
const PATIENCE_MS = 20_000;

/** @throws Failure with a sentence that says what to do */
export async function simulate(account: string, text: string, options: SimulateOptions): Promise<void> {
  const { reply, wait, kind, about, ...access } = options;
  const { accounts } = await readConfig(process.env.RECADO_CONFIG);
  const known = accounts[account];
  if (!known) throw new Failure(`There is no account ${account}. There are: ${Object.keys(accounts).join(", ")}.`);
  const writer = writers[known.connector];
  const from = options.from ?? writer.from;
  const began = Date.now();
  const [id = ""] = await write(access.url, known.connector, {
    ...writer.to(known.settings),
    from,
    ...(text !== "" && { text }),
    ...(kind !== undefined && { kind }),
    ...(about !== undefined && { replyTo: about }),
  });
  console.log(
    kind === undefined ? `${from} writes to ${account}: “${text}”` : `${from} to ${account}: ${kind} ${text}`,
  );

  const received = await find(
    access,
    followAll(clientAccess(access), {
      from: "beginning",
      isWanted: (conversation) => conversation.account === account,
    }),
    (event) => {
      const isNamed = messageIn(event)?.providerMessageId === id;
      if (kind === undefined) return isNamed;
      // An earlier message has the id of what takes it back.
      return Date.parse(event.data.times.received) >= began && (isNamed || WITHOUT_ID.has(event.type));
    },
  );
  console.log(eventLine(received));
  const conversation = received.subject;
  const until = Date.now() + wait * 1000;
  let replied: string | undefined;
  if (reply !== undefined) {
    replied = (await withRecado(access, (recado) => recado.send(conversation, reply))).id;
  } else {
    console.log(`Answer it within ${wait} s and see the receipts here:`);
    console.log(
      `  curl ${access.url}/v1/conversations/${conversation}/messages -H "Authorization: Bearer ${access.key}" \\`,
    );
    console.log(`    -H "Content-Type: application/json" -d '{"content":{"type":"text","text":"Olá!"}}'`);
  }
  const follower = followConversation(access, conversation, Number(received.sequence));
  // Nobody tells when an SMS was read.
  const last = connectors[known.connector].channel === "sms" ? "message.delivered" : "message.read";
  let isQueued = false;
  while (Date.now() < until) {
    for (const event of await withRecado(access, () => follower.next())) {
      console.log(eventLine(event));
      isQueued ||= replied !== undefined && messageIn(event)?.id === replied;
      if (isQueued && (event.type === last || event.type === "message.failed")) return;
    }
    await sleep(POLL_MS);
  }
  if (replied !== undefined)
    throw new Failure(`The reply was not through after ${wait} s; it is in the conversation all the same.`);
}

/** Gives the vendor's ids of what was written. */
async function write(url: string, connector: ConnectorName, writing: Record<string, unknown>): Promise<string[]> {
  const simulator = connectors[connector].vendor.word.toLowerCase();
  const response = await reach(url, `/_simulators/${simulator}/_simulator/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(writing),
  });
  if (response.status === 404)
    throw new Failure(`Recado at ${url} has no simulator of ${simulator}: it is for the local run alone.`);
  const body = (await response.json()) as { ids?: string[]; error?: string };
  if (!response.ok) throw new Failure(`The simulator of ${simulator} refused: ${body.error}`);
  return body.ids ?? [];
}

async function find(access: Access, follower: Follower, isIt: (event: Envelope) => boolean): Promise<Envelope> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const found = (await withRecado(access, () => follower.next())).find(isIt);
    if (found) return found;
    await sleep(POLL_MS);
  }
  throw new Failure("The message did not reach the API. What npm start printed since says why.");
}

function messageIn({ data }: Envelope): { id?: string; providerMessageId?: string } | undefined {
  return data.message as { id?: string; providerMessageId?: string } | undefined;
}
