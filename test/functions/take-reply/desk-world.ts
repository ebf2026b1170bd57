/** A conversation that the customer has opened, and a desk beside it, as take-reply sees them. */
import { expect } from "vitest";
import type { Ports } from "../../../functions/take-reply/ports.ts";
import { takeReply } from "../../../functions/take-reply/take-reply.ts";
import { capabilities } from "../../../shared/channels/capabilities.ts";
import type { DeskFile, DeskHappening } from "../../../shared/domain/desk-happening.ts";
import { eventData } from "../../../shared/domain/event.ts";
import type { Template } from "../../../shared/domain/fallback.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import type { DeskReconciler } from "../../../shared/helpdesks/helpdesk.ts";
import type { Fetched, FetchedFile } from "../../../shared/ports.ts";
import { inboundText, newToken, receipt, SECRET } from "../../fakes/arrivals.ts";
import { FAULTS, Faults } from "../../fakes/faults.ts";
import { MemoryDeskTickets } from "../../fakes/memory-desk-tickets.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

export const CUSTOMER = "5511987650000";
export const LOG = conversationId(SECRET, "whatsapp", CUSTOMER);
/** When everything here comes in. */
export const NOW = 1_795_000_000_000;
export const MINUTE_MS = 60_000;
export const PNG = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(64)]);
export const PDF = Buffer.from("%PDF-1.7 and so on");
export const URL = "https://desk.example/files/1";

export type Reply = Extract<DeskHappening, { type: "reply" }>;
type Located = Awaited<ReturnType<NonNullable<DeskReconciler["locate"]>>>;
type NotHeard = Exclude<Awaited<ReturnType<DeskReconciler["heard"]>>, { kind: "heard" }>;

export function reply(more: Partial<Reply> = {}): Reply {
  return { type: "reply", id: "r1", conversation: LOG, author: { type: "agent", name: "Ana" }, files: [], ...more };
}

/** What a desk shows of its tickets when it is asked; `after` and `upTo` count what it showed before. */
export class PlayedList {
  readonly written: DeskHappening[] = [];
  /** In place of what is written, one each time. */
  readonly answers: NotHeard[] = [];
  readonly questions: { ticket: string; after?: string; since: number }[] = [];
  /** How many of the last are not shown yet. */
  lag = 0;

  async heard({ id }: { id: string }, asked: { after?: string; since: number }): ReturnType<DeskReconciler["heard"]> {
    this.questions.push({ ticket: id, ...asked });
    const answer = this.answers.shift();
    if (answer) return answer;
    const shown = this.written.slice(0, this.written.length - this.lag);
    return { kind: "heard", happenings: shown.slice(Number(asked.after ?? 0)), upTo: String(shown.length) };
  }
}

export interface Given {
  /** The customer's, which opened the conversation. */
  first?: MailboxItem;
  rules?: { botReplies?: boolean; agentNames?: boolean; accounts?: string[]; isOrdered?: boolean } | undefined;
  answers?: Record<string, Fetched>;
  faults?: Faults;
  /** A desk that can be asked. */
  list?: PlayedList;
  locate?: (file: DeskFile) => Promise<Located>;
  templates?: { name: string; language: string }[];
  fallbackTemplate?: Template;
}

export async function desk({
  first = inboundText("wamid.1"),
  rules = {},
  answers = {},
  faults = new Faults(),
  list,
  locate,
  templates = [],
  fallbackTemplate,
}: Given = {}) {
  const { table, mailbox, clock, ports: recording } = world();
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const fetchedWith: unknown[] = [];
  const tickets = new MemoryDeskTickets();
  mailbox.waiting.push(first);
  await pump(mailbox, () => recording);
  const { isOrdered = list === undefined, ...decided } = rules;
  const http = () => Promise.reject(new Error("no request of its own"));
  const given = list && {
    desk: { name: "desk", settings: {}, secrets: {} },
    reconciler: { heard: faults.call(list.heard.bind(list)) },
    http,
  };
  const ports: Ports = {
    table: faults.on(table),
    tickets: faults.on(tickets),
    mailbox: faults.on(mailbox),
    files: faults.on({
      keep: async (key: string, _: FetchedFile, about: { contentType: string }) =>
        void kept.set(key, about.contentType),
    }),
    fetchFile: faults.call(async ({ url, credentials }: Parameters<Ports["fetchFile"]>[0]) => {
      asked.push(url);
      fetchedWith.push(credentials);
      return answers[url] ?? { kind: "dead" as const, status: 404 };
    }),
    locateFile: async () => locate,
    desk: (name) =>
      name === "desk" && rules
        ? { botReplies: false, agentNames: false, ...decided, capabilities: { isOrdered } }
        : undefined,
    asked: async () => given,
    account(name) {
      if (name === "whatsapp") return { capabilities: capabilities["whatsapp-cloud"], templates, fallbackTemplate };
      return name === "messenger" ? { capabilities: capabilities.messenger, templates } : undefined;
    },
    clock,
    random: () => Buffer.from(newToken(), "base64url"),
    idSecret: SECRET,
    largestBytes: 1_000_000,
    expiresAfterSeconds: 3600,
  };
  const record = () => pump(mailbox, () => recording);
  /** What the log holds beside what the customer wrote. */
  const told = async (log = LOG) => {
    await record();
    return (table.logs.get(log) ?? []).filter(({ type }) => type !== "message.received");
  };
  const queued = async (log = LOG) =>
    (await told(log))
      .filter(({ type }) => type === "message.queued")
      .map(({ data }) => eventData["message.queued"].parse(data));
  return {
    table,
    mailbox,
    tickets,
    clock,
    recording,
    kept,
    asked,
    /** The credentials of each file that was fetched. */
    fetchedWith,
    ports,
    record,
    take: (happening: DeskHappening, received = 1, name = "desk") =>
      takeReply({ desk: name, happening, receivedAt: NOW }, received, ports),
    told,
    queued,
    /** The texts that go out, in order. */
    texts: async (log = LOG) =>
      (await queued(log)).map(({ message: { content } }) => (content.type === "text" ? content.text : content.type)),
    /** The provider could not deliver it. */
    fails: async (message: string) => {
      mailbox.waiting.push(receipt("message.failed", message));
      await record();
    },
    /** The customer turns out to be somebody with another conversation, which goes on for both; its log. */
    moves: async (from = LOG, address = "pt.123") => {
      const into = inboundText(`wamid.${address}`, { address });
      const { account, channel, at } = into;
      const about = { key: `to ${address}`, token: newToken(), type: "contact.merged" as const, account, channel, at };
      mailbox.waiting.push(into, { log: from, ...about, data: { into: into.log } });
      await record();
      return into.log;
    },
  };
}

type Take = Awaited<ReturnType<typeof desk>>["take"];

/** As the queue hands it out: again after an invocation that ended or failed, three times at most. */
export async function takeUntilDone(happening: DeskHappening, take: Take, faults: Faults): Promise<void> {
  for (let received = 1; ; received++) {
    const next = await faults.invocation(() => take(happening, received)).catch(() => "crashed" as const);
    if (next !== "crashed" && next.kind === "done") return;
    expect(received).toBeLessThan(4);
  }
}

/**
 * Runs it without a fault, and then with each fault at each call: it must come to the same.
 * @param before how many calls of a run do not count
 */
export async function expectUnharmed<Result>(
  run: (faults: Faults) => Promise<Result>,
  before: () => number = () => 0,
): Promise<{ result: Result; calls: number }> {
  const counted = new Faults();
  const result = await run(counted);
  const first = before() + 1;
  for (let call = first; call <= counted.calls; call++)
    for (const fault of FAULTS)
      expect(await run(new Faults(new Map([[call, fault]]))), `${fault} call ${call}`).toEqual(result);
  return { result, calls: counted.calls - first + 1 };
}
