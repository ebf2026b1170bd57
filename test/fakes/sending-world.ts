/**
 * One queued message and everything around it that sends: a vendor that counts what it accepts, the send queue, the
 * mailbox with its recorder, the delay queue of settle-send, and a clock that only the queues move.
 */
import type { AccountState, Ports as SendPorts } from "../../functions/send-message/ports.ts";
import { sendMessage } from "../../functions/send-message/send-message.ts";
import { settleSend } from "../../functions/settle-send/settle-send.ts";
import type { Sender } from "../../shared/channels/connector.ts";
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Content } from "../../shared/domain/content.ts";
import { type Arrival, advance } from "../../shared/domain/conversation-log.ts";
import type { EventType, Failure, ReplyTo } from "../../shared/domain/event.ts";
import type { Template } from "../../shared/domain/fallback.ts";
import type { MailboxItem, SendRequest, SettleRequest } from "../../shared/domain/mailbox.ts";
import { foldMessages, type MessageView } from "../../shared/domain/message-status.ts";
import type { SendOutcome } from "../../shared/domain/outcome.ts";
import type { QuietHours } from "../../shared/domain/quiet-hours.ts";
import { type Next, WorldFault } from "../../shared/ports.ts";
import { Faults } from "./faults.ts";
import { MemoryMediaLinks } from "./memory-media-links.ts";
import { MemoryTable } from "./memory-table.ts";

export const NOW = Date.parse("2026-03-01T12:00:00Z");
export const HOUR_MS = 3_600_000;
export const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
export const CONTACT = "con_CCCCCCCCCCCCCCCCCCCCCC";
export const MESSAGE = "msg_BBBBBBBBBBBBBBBBBBBBBB";
export const REQUEST: SendRequest = { log: LOG, sequence: 2, account: "whatsapp", message: MESSAGE };

/** What the vendor does with a request, and what the connector makes of it. */
export interface Behaviour {
  isAccepted: boolean;
  outcome: SendOutcome;
}

export const accepts: Behaviour = { isAccepted: true, outcome: { kind: "sent", providerMessageId: "wamid.1" } };
/** One after the other, as the parts of a message are, each with an id of its own. */
export const acceptsEach: readonly Behaviour[] = [1, 2, 3, 4, 5, 6].map((number) => ({
  isAccepted: true,
  outcome: { kind: "sent", providerMessageId: `wamid.${number}` },
}));
export const acceptsSilently: Behaviour = {
  isAccepted: true,
  outcome: { kind: "uncertain", detail: "no answer in time" },
};
export const swallows: Behaviour = { isAccepted: false, outcome: { kind: "uncertain", detail: "no answer in time" } };
export const rejects: Behaviour = {
  isAccepted: false,
  outcome: {
    kind: "rejected",
    failure: { class: "unreachable", code: "131026", reason: "This customer cannot be reached." },
  },
};
export const isDown: Behaviour = { isAccepted: false, outcome: { kind: "unavailable", detail: "ECONNREFUSED" } };
export function throttles(scope: "pair" | "account", retryAfterSeconds: number): Behaviour {
  return { isAccepted: false, outcome: { kind: "throttled", scope, retryAfterSeconds, detail: "429" } };
}

interface Given {
  /** One per request, the last for all that follow. */
  vendor?: readonly Behaviour[];
  policy?: "fail" | "resend";
  faults?: Faults;
  content?: Content;
  /** What the log says that goes out, where that is not the content as it is. */
  parts?: readonly Content[];
  replyTo?: ReplyTo;
  /** More of the queued message, and of what is said beside it. */
  topic?: string;
  queued?: { fallback?: Template; confirmsOptOut?: true; expiresAt?: number; unsendable?: Failure };
  quietHours?: QuietHours;
  capabilities?: Partial<Capabilities>;
  accounts?: Record<string, AccountState>;
  /** Who stands in for the account, in this order, and what their vendors do. */
  standIns?: Record<string, readonly Behaviour[]>;
  /** Puts what is in the mailbox into the log only when all is over. */
  recordsLate?: boolean;
}

const VISIBILITY_SECONDS = 60;
const SETTLE_AFTER_MS = 600_000;

export class SendingWorld {
  readonly table = new MemoryTable();
  readonly mailbox: MailboxItem[] = [];
  readonly settling: { request: SettleRequest; at: number }[] = [];
  readonly queue: SendRequest[] = [REQUEST];
  /** As a queue does, for so long as it remembers: what was put in twice is there once. */
  readonly #seen = new Set<string>();
  /** How often each request was handed out. */
  readonly #handedOut = new Map<SendRequest, number>();
  readonly requests: { correlation: string; content: Content }[] = [];
  /** The account by which each request went out, and each acceptance. */
  readonly requestedBy: string[] = [];
  readonly ports: SendPorts;
  readonly #given: Given;
  readonly faults: Faults;
  readonly acceptedBy: string[] = [];
  /** The correlation of each acceptance. */
  readonly acceptedAs: string[] = [];
  now = NOW;
  accepted = 0;
  received = 0;

  constructor(given: Given = {}) {
    this.#given = given;
    this.faults = given.faults ?? new Faults();
    const content = given.content ?? { type: "text", text: "Olá!" };
    const inbound = {
      id: "msg_in",
      direction: "inbound",
      author: { type: "contact" },
      content: { type: "text", text: "Hi" },
    };
    const { replyTo, topic, parts, queued } = given;
    const message = { id: MESSAGE, direction: "outbound", author: { type: "agent" }, content, replyTo, topic };
    this.write("in", "message.received", { message: inbound }, NOW - HOUR_MS);
    this.write("out", "message.queued", { message, expiresAt: NOW + 24 * HOUR_MS, parts, ...queued }, NOW);
    this.ports = {
      table: this.faults.on(this.table),
      mailbox: this.faults.on({ deliver: async (items: readonly MailboxItem[]) => void this.mailbox.push(...items) }),
      files: new MemoryMediaLinks(),
      settlements: this.faults.on({
        settleLater: async (request: SettleRequest) =>
          void this.settling.push({ request, at: this.now + SETTLE_AFTER_MS }),
      }),
      sender: this.#sender(),
      capabilities: {
        carries: { text: { longestText: 4096 } },
        windowHours: 24,
        receipts: ["sent"],
        correlates: true,
        ...given.capabilities,
      },
      account: this.faults.call(
        async (name: string) =>
          given.accounts?.[name] ?? { kind: "ready" as const, account: { name, settings: {}, secrets: {} } },
      ),
      standIns: () => Object.keys(given.standIns ?? {}),
      passOn: this.faults.call(async (next: SendRequest) => {
        const id = `${next.via} ${next.round}`;
        if (!this.#seen.has(id)) this.queue.push(next);
        this.#seen.add(id);
      }),
      setAside: this.faults.call(async (request: SendRequest) => {
        if (!this.#seen.has("aside")) this.queue.push(request);
        this.#seen.add("aside");
      }),
      http: async () => ({ kind: "not_sent", detail: "no network" }),
      clock: { now: () => this.now },
      random: (bytes) => new Uint8Array(bytes),
      idSecret: "id-secret",
      callbackUrl: "http://localhost:3000/webhooks/whatsapp-cloud",
      linksUrl: "http://localhost:3000/v1/links",
      quietHours: given.quietHours,
      fallbackTemplate: () => undefined,
      holdSeconds: 30,
    };
  }

  #sender(): Sender {
    const { vendor = [accepts], standIns = {} } = this.#given;
    return {
      render: ({ to, content, correlation, callbackUrl, tag }) => ({
        method: "POST",
        url: "https://graph.facebook.com/messages",
        headers: {},
        body: JSON.stringify({ to, content, correlation, callbackUrl, tag }),
      }),
      send: this.faults.call(async (request: { body?: string | Uint8Array }, { name: by }: { name: string }) => {
        const behaviours = standIns[by] ?? vendor;
        const before = this.requestedBy.filter((one) => one === by).length;
        this.requestedBy.push(by);
        const { isAccepted, outcome } = behaviours[before] ?? behaviours.at(-1) ?? accepts;
        const asked = JSON.parse(String(request.body));
        this.requests.push(asked);
        if (isAccepted) this.accepted += 1;
        if (isAccepted) this.acceptedBy.push(by);
        if (isAccepted) this.acceptedAs.push(asked.correlation);
        return outcome;
      }),
    };
  }

  /** An entry at the end of the log. */
  write(key: string, type: EventType, data: unknown, at = this.now, account = "whatsapp"): void {
    const entries = this.table.logs.get(LOG) ?? [];
    const arrival: Arrival = {
      key,
      token: "token",
      type,
      account,
      channel: "whatsapp",
      contact: CONTACT,
      address: "customer",
      at: { received: at, recorded: at },
      data,
    };
    this.table.logs.set(LOG, [...entries, advance(entries.at(-1)?.after, arrival)]);
  }

  /** What record-event does, as far as it matters here: every key once, in the order of the mailbox. */
  record(): void {
    for (const { log, key, type, data, at, account } of this.mailbox.splice(0)) {
      const isNew = !this.table.logs.get(LOG)?.some((entry) => entry.key === key);
      if (isNew && log === LOG) this.write(key, type, data, at.received, account);
    }
  }

  /** One delivery of the message at the head of the send queue. */
  async deliver(request = REQUEST): Promise<Next> {
    if (request === REQUEST) this.received += 1;
    const received = request === REQUEST ? this.received : (this.#handedOut.get(request) ?? 0) + 1;
    this.#handedOut.set(request, received);
    return this.#invoke(() => sendMessage(request, received, this.ports));
  }

  async settle(request: SettleRequest): Promise<Next> {
    const { table, mailbox, clock, random, idSecret } = this.ports;
    const sendAgain = this.faults.call(async (send: SendRequest) => this.queue.push(send) > 0);
    const policy = this.#given.policy ?? "fail";
    return this.#invoke(() => settleSend(request, { table, mailbox, sendAgain, clock, random, idSecret, policy }));
  }

  async #invoke(run: () => Promise<Next>): Promise<Next> {
    try {
      const next = await this.faults.invocation(run);
      return next === "crashed" ? { kind: "retry", afterSeconds: VISIBILITY_SECONDS } : next;
    } catch (cause) {
      if (!(cause instanceof WorldFault) && !(cause instanceof TypeError)) throw cause;
      return { kind: "retry", afterSeconds: 5 };
    }
  }

  /** Until both queues are empty. */
  async untilQuiet(): Promise<void> {
    for (let turns = 0; this.queue.length > 0 || this.settling.length > 0; turns++) {
      if (turns > 2_000) throw new Error("it never comes to an end");
      const [request] = this.queue;
      const [settlement] = this.settling;
      const next = request
        ? await this.deliver(request)
        : await this.settle((settlement ?? { request: { ...REQUEST, part: 0 } }).request);
      if (next.kind === "retry") {
        this.now += next.afterSeconds * 1000;
        // Meanwhile the queues of other accounts go on.
        if (request) this.queue.push(...this.queue.splice(0, 1));
      } else if (request) this.queue.shift();
      else this.settling.shift();
      if (this.queue.length === 0 && this.settling[0]) this.now = Math.max(this.now, this.settling[0].at);
      if (!this.#given.recordsLate) this.record();
    }
    this.record();
  }

  /** The message as its reader sees it. */
  message(): MessageView {
    const found = foldMessages(LOG, this.table.logs.get(LOG) ?? []).find(({ id }) => id === MESSAGE);
    if (!found) throw new Error("the message is gone");
    return found;
  }

  types(): string[] {
    return (this.table.logs.get(LOG) ?? []).map(({ type }) => type);
  }
}
