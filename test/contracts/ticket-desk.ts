/** One desk of tickets with its own code on one side and its simulator on the other, over real HTTP. */
import { vi } from "vitest";
import * as z from "zod";
import { deskSimulators } from "../../local/simulators/desks.ts";
import { listen } from "../../local/simulators/http.ts";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { Saying } from "../../shared/domain/telling.ts";
import type { Desk, Helpdesk, Place, TicketWay } from "../../shared/helpdesks/helpdesk.ts";
import { type HelpdeskName, helpdesks } from "../../shared/helpdesks/registry.ts";
import { createHttp } from "../../shared/http/request.ts";
import type { HttpRequest } from "../../shared/ports.ts";

export interface DeskSample {
  /** As they stand in the configuration. */
  settings: Record<string, unknown>;
  /** Every secret of the desk. */
  secrets: Record<string, string>;
}

const WEBHOOK_URL = "https://recado.example.com/helpdesks/desk";
/** Where a request that comes to nothing is not waited for. */
const TIMEOUT_MS = 1_000;
export const FILE = Buffer.from("\x89PNG\r\n\x1a\n0123456789", "latin1");

const SeenMessage = z.looseObject({
  id: z.string(),
  author: z.looseObject({ type: z.string(), name: z.string().optional() }),
  isPrivate: z.boolean(),
  text: z.string(),
  files: z.array(
    z.looseObject({ fileName: z.string(), contentType: z.string(), size: z.number(), sha256: z.string() }),
  ),
  status: z.string().optional(),
  statusReason: z.string().optional(),
});
const SeenTicket = z.looseObject({
  id: z.string(),
  status: z.string(),
  fields: z.record(z.string(), z.unknown()),
  tags: z.array(z.string()),
  contact: z.looseObject({ name: z.string().optional(), phone: z.string().optional() }),
  messages: z.array(SeenMessage),
});

/** A ticket as an agent sees it. */
export type SeenTicket = z.output<typeof SeenTicket>;

/** @param requests hears of every request that our code makes, and how it was answered */
export async function startTicketDeskWorld(
  name: HelpdeskName,
  { settings: given, secrets }: DeskSample,
  requests: (request: HttpRequest, status: number | undefined) => void = () => {},
) {
  const helpdesk: Helpdesk = helpdesks[name];
  const settings = helpdesk.settings.parse(given);
  const desk: Desk = { name: "desk", settings, secrets };
  const heard: WebhookRequest[] = [];
  const door = await listen(0, async ({ method, headers, bytes, query }) => {
    const url = `${WEBHOOK_URL}${query.size > 0 ? `?${query}` : ""}`;
    const request = { method, url, query: Object.fromEntries(query), headers, body: bytes, receivedAt: Date.now() };
    heard.push(request);
    if (!helpdesk.door.verify(request, desk).ok) return { status: 401, body: {} };
    const { status, contentType, body } = helpdesk.door.reply(request, desk);
    return { status, headers: { "content-type": contentType }, body: Buffer.from(body) };
  });
  const bucket = await listen(0, async () => ({ status: 200, headers: { "content-type": "image/png" }, body: FILE }));
  const simulator = await deskSimulators[name]({
    settings,
    secret: (secret) => secrets[secret] ?? "",
    webhookUrl: WEBHOOK_URL,
    deliverTo: `${door.url}/helpdesks/desk`,
  });
  const replaces = { origins: helpdesk.origins(settings), by: simulator.url };
  const plain = createHttp({ timeoutMs: TIMEOUT_MS, replaces });
  const http: typeof plain = async (request) => {
    const answer = await plain(request);
    requests(request, answer.kind === "answer" ? answer.status : undefined);
    return answer;
  };
  const call = async (method: "GET" | "POST", path: string, body?: object) => {
    const answer = await fetch(`${simulator.url}/_simulator/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`The simulator refused ${path}: ${JSON.stringify(json)}`);
    return json;
  };
  let customers = 0;

  return {
    helpdesk,
    desk,
    way: helpdesk.way as TicketWay,
    http,
    heard,
    url: simulator.url,
    /** What an agent does: `reply`, `note`, `state`, `edit` … */
    async act(what: string, body: object): Promise<{ id: string }> {
      return z.object({ id: z.string().default("") }).parse(await call("POST", what, body));
    },
    order: (fault: object) => call("POST", "faults", fault),
    async tickets(customer: string): Promise<SeenTicket[]> {
      const answer = await call("GET", `tickets?${new URLSearchParams({ customer })}`);
      return z.object({ data: z.array(SeenTicket) }).parse(answer).data;
    },
    /** The only ticket of a customer. */
    async ticket(customer: string): Promise<SeenTicket> {
      const [first, ...others] = await this.tickets(customer);
      if (!first || others.length > 0) throw new Error(`${customer} has ${others.length + (first ? 1 : 0)} tickets`);
      return first;
    },
    /** A new customer with a conversation and no ticket; `place` may be used again and again. */
    customer(more: Partial<Place> = {}) {
      const number = String(++customers).padStart(4, "0");
      const phone = `+1555700${number}`;
      const person = { id: `con_${number.padEnd(22, "A")}`, name: `Cliente ${number}`, phone, address: phone.slice(1) };
      const id = `conv_${number.padEnd(22, "B")}`;
      const place: Place = {
        desk,
        conversation: {
          ...{ id, channel: "whatsapp", account: "whatsapp", customer: person },
          title: `WhatsApp: ${person.name}`,
          replyUntil: Date.now() + 86_400_000,
          fields: { recado_conversation: id, recado_channel: "WhatsApp", recado_account: "whatsapp" },
        },
        ticket: { kept: {} },
        isRepeated: false,
        keep: async ({ id: ticket, kept }) => {
          place.ticket = {
            ...(ticket === undefined ? place.ticket.id !== undefined && { id: place.ticket.id } : { id: ticket }),
            kept: { ...place.ticket.kept, ...kept },
          };
        },
        http,
        now: Date.now(),
        files: {
          read: async () => new Uint8Array(FILE),
          link: async ({ id: file, fileName }) => `${bucket.url}/${file}/${encodeURIComponent(fileName)}`,
        },
        ...more,
      };
      return { place, phone, name: person.name };
    },
    /** What was heard about a ticket so far, as happenings; webhooks come a moment after what they tell. */
    async happenings(count: number, from = 0): Promise<DeskHappening[]> {
      return vi.waitFor(() => {
        const all = heard.slice(from).flatMap((request) => {
          if (!helpdesk.door.verify(request, desk).ok) return [];
          const parsed = helpdesk.door.parse(request, desk);
          if (!parsed.ok) throw new Error(parsed.reason);
          return parsed.happenings;
        });
        if (all.length < count) throw new Error(`${all.length} of ${count} were heard`);
        return all;
      }, 5_000);
    },
    async stop() {
      await Promise.all([simulator.close(), door.close(), bucket.close()]);
    },
  };
}

let sayings = 0;
/** One thing that a customer says, unless it says otherwise. */
export function saying(text: string, more: Partial<Saying> = {}): Saying {
  const id = `msg_01kat1n2v3w4x5y6z7a8b9c${String(++sayings).padStart(3, "0")}`;
  return { id, from: "customer", isPrivate: false, text, files: [], at: Date.now(), ...more };
}
