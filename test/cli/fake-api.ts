/** A small Recado: the parts of the API and of a simulator that commands call, over one list of envelopes. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { dataSchema, type Envelope } from "../../shared/domain/envelope.ts";

export interface FakeApi {
  url: string;
  /** What a customer wrote through a simulator: its name and the JSON. */
  written: { simulator: string; body: Record<string, unknown> }[];
  sent: { conversation: string; body: unknown }[];
  /** The Idempotency-Keys of what was sent. */
  sentUnder: (string | undefined)[];
  /** Appends an event to a conversation of an account. */
  happen(conversation: string, type: Envelope["type"], data?: object, time?: string): void;
  /** Called when something was written or sent. */
  onWritten(react: (id: string) => void): void;
  onSent(react: (conversation: string, messageId: string) => void): void;
  /** Every request, or those about one conversation, is refused so from now on, until it is called with nothing. */
  refuse(refusal?: { status: number; code?: string; conversation?: string }): void;
  close(): Promise<void>;
}

const KEY = "local-api-key";

const since = (url: URL) => url.searchParams.get("since") ?? "";

export async function startFakeApi(): Promise<FakeApi> {
  const logs = new Map<string, Envelope[]>();
  const started = Date.parse("2026-01-22T10:00:00.000Z");
  let happened = 0;
  const written: FakeApi["written"] = [];
  const sent: FakeApi["sent"] = [];
  const sentUnder: FakeApi["sentUnder"] = [];
  let refusal: Parameters<FakeApi["refuse"]>[0];
  let reactToWritten: (id: string) => void = () => {};
  let reactToSent: (conversation: string, messageId: string) => void = () => {};

  function answer(
    method: string,
    url: URL,
    { authorization: key, "idempotency-key": under }: IncomingHttpHeaders,
    body: unknown,
  ): [status: number, body: unknown] {
    if (refusal && url.pathname.includes(refusal.conversation ?? ""))
      return [refusal.status, { code: refusal.code, detail: "Refused." }];
    const simulator = /^\/_simulators\/(\w+)\/_simulator\/messages$/.exec(url.pathname)?.[1];
    if (simulator) {
      if (simulator === "twilio") return [404, { title: "Not Found" }];
      written.push({ simulator, body: body as Record<string, unknown> });
      const id = `wamid.${written.length}`;
      reactToWritten(id);
      return [200, { ids: [id] }];
    }
    if (key !== `Bearer ${KEY}`) return [401, { title: "Unauthorized", detail: "No." }];
    if (url.pathname === "/v1/conversations") {
      const data = [...logs].map(([id, log]) => ({
        ...{ id, account: "whatsapp" },
        lastActivityAt: log.at(-1)?.data.times.recorded,
      }));
      return [200, { data, nextCursor: null }];
    }
    if (url.pathname === "/v1/events") {
      // A cursor is how far it has come among all events, in the order in which they happened.
      const all = [...logs.values()].flat().sort((a, b) => (a.time < b.time ? -1 : 1));
      const from = Number(url.searchParams.get("cursor") ?? all.filter(({ time }) => time <= since(url)).length);
      return [200, { data: all.slice(from, from + 2), nextCursor: String(Math.min(from + 2, all.length)) }];
    }
    const [, id = "", what] = /^\/v1\/conversations\/([^/]+)\/(events|messages)$/.exec(url.pathname) ?? [];
    const log = logs.get(id);
    if (!log) return [404, { title: "Not Found", detail: "There is no conversation with this id." }];
    if (method === "POST" && what === "messages") {
      sent.push({ conversation: id, body });
      sentUnder.push(under?.toString());
      if (url.searchParams.get("dryRun") === "true") {
        sent.pop();
        return [
          200,
          { plan: { allowed: false, reasons: [{ code: "window_closed", text: "Too late." }], changes: [], parts: [] } },
        ];
      }
      reactToSent(id, `msg_${sent.length}`);
      return [202, { message: { id: `msg_${sent.length}`, status: "queued" } }];
    }
    // Pages of two, so that a reader who stops after the first is found out.
    const after = Number(url.searchParams.get("after") ?? 0);
    const count = Math.min(2, Number(url.searchParams.get("limit") ?? 2));
    const data = log.slice(after, after + count);
    return [200, { data, nextCursor: after + count < log.length ? String(after + count) : null }];
  }

  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url ?? "/", "http://fake");
    const { method = "GET", headers } = request;
    const [status, body] = answer(method, url, headers, text === "" ? undefined : JSON.parse(text));
    // Nobody shall wait long for a repetition.
    response.writeHead(status, { "content-type": "application/json", "retry-after": "0.05" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    written,
    sent,
    sentUnder,
    happen(conversation, type, data = {}, time = new Date(started + 1_000 * happened++).toISOString()) {
      const log = logs.get(conversation) ?? [];
      logs.set(conversation, log);
      log.push({
        specversion: "1.0",
        id: `evt_${conversation}_${log.length + 1}`,
        source: "/recado/whatsapp",
        type,
        subject: conversation,
        time,
        datacontenttype: "application/json",
        dataschema: dataSchema(type),
        sequence: String(log.length + 1).padStart(12, "0"),
        epoch: 1,
        data: {
          conversation,
          channel: "whatsapp",
          account: "whatsapp",
          times: { received: time, recorded: time },
          ...data,
        },
      });
    },
    onWritten: (react) => {
      reactToWritten = react;
    },
    onSent: (react) => {
      reactToSent = react;
    },
    refuse: (wanted) => {
      refusal = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
