import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventLine } from "../../cli/event-line.ts";
import { isOrdinary, readyScreen, start } from "../../cli/start.ts";
import { dataSchema, type Envelope } from "../../shared/domain/envelope.ts";
import { type FakeApi, startFakeApi } from "./fake-api.ts";
import { type Running, recado } from "./run.ts";

const WAIT = { timeout: 20_000, interval: 50 };

let api: FakeApi;
beforeEach(async () => {
  api = await startFakeApi();
});
afterEach(() => api.close());

const inbound = (text: string, providerMessageId: string) => ({
  message: {
    id: "msg_in",
    providerMessageId,
    author: { type: "contact", name: "Ana" },
    content: { type: "text", text },
  },
});
const outbound = (id: string, text: string) => ({
  message: { id, author: { type: "agent" }, content: { type: "text", text } },
});

describe("recado start", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "recado-cli-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("refuses a configuration, one fault per line", async () => {
    const file = join(folder, "recado.json");
    const accounts = { Shop: { connector: "messenger", pageId: "200000000000001" }, sms: { connector: "fax" } };
    await writeFile(file, JSON.stringify({ accounts, epoch: 0 }));
    const { code, out, err } = await recado(["start"], { RECADO_CONFIG: file }).ended;
    expect(code).toBe(1);
    expect(out).toBe("");
    const lines = err.trimEnd().split("\n");
    expect(lines[0]).toContain(file);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}epoch: /));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}accounts\.Shop: /));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}accounts\.sms\.connector: /));
    expect(err).not.toContain("    at ");
  });

  it("says which file is missing, and which port is none", async () => {
    const missing = join(folder, "none.json");
    await expect(start({ RECADO_CONFIG: missing })).rejects.toThrow(missing);
    await expect(start({ PORT: "http" })).rejects.toThrow("PORT is http");
    await expect(start({ PORT: "70000" })).rejects.toThrow("PORT is 70000");
  });

  it("refuses any Node but 24 with a sentence", async () => {
    await expect(start({}, "22.19.0")).rejects.toThrow("Recado runs on Node 24; this is 22.19.0.");
    await expect(start({}, "25.0.0")).rejects.toThrow("this is 25.0.0");
  });

  it("ends with a screen that tells where everything is", () => {
    const accounts = {
      whatsapp: { connector: "whatsapp-cloud" as const, settings: {} },
      sms: { connector: "sms-twilio" as const, settings: {} },
      aws: { connector: "sms-aws" as const, settings: {} },
    };
    const screen = readyScreen({
      url: "http://127.0.0.1:3000",
      publicUrl: "https://recado.example",
      logFile: "/data/recado.log",
      config: {
        accounts,
        helpdesks: {
          desk: {
            helpdesk: "generic",
            settings: {},
            botReplies: false,
            agentNames: false,
            onSolved: "reopen",
            receiptNotes: false,
          },
        },
      },
    });
    expect(screen).toContain("Recado is running at http://127.0.0.1:3000");
    expect(screen).toContain("local-api-key");
    expect(screen).toContain("whatsapp  https://recado.example/webhooks/whatsapp-cloud");
    expect(screen).toContain("sms       https://recado.example/webhooks/sms-twilio");
    expect(screen).toContain("aws       the topic recado-local-sms-aws");
    expect(screen).toContain("desk      https://recado.example/helpdesks/desk");
    expect(screen).toContain("/data/recado.log");
    expect(screen).toContain("recado simulate whatsapp");
  });
});

it("keeps ordinary log lines off the terminal, not warnings, errors or plain words", () => {
  expect(isOrdinary('recado-local-api: {"level":"info","code":"api_answer"}')).toBe(true);
  expect(isOrdinary('{"code":"local_ready"}')).toBe(true);
  expect(isOrdinary('recado-local-api: {"level":"error","code":"internal_error"}')).toBe(false);
  expect(isOrdinary('recado-local-api: {"level":"WARN","code":"slow"}')).toBe(false);
  expect(isOrdinary("recado-local-api: TypeError: x is undefined")).toBe(false);
});

/** A time after whatever began before. */
const later = () => new Date(Date.now() + 60_000).toISOString();

describe("recado simulate", () => {
  it("shows the message, sends the reply and shows it until it was read", async () => {
    api.onWritten((id) => api.happen("conv_1", "message.received", inbound("Olá", id)));
    api.onSent((conversation, id) => {
      api.happen(conversation, "message.queued", outbound(id, "Bom dia"));
      for (const type of ["message.sent", "message.delivered", "message.read"] as const) {
        api.happen(conversation, type, { message: { id } });
      }
    });
    const { code, out, err } = await recado(["simulate", "whatsapp", "Olá", "--reply", "Bom dia", "--url", api.url])
      .ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(api.written).toEqual([
      { simulator: "graph", body: { phoneNumberId: "100000000000001", from: "+351910000001", text: "Olá" } },
    ]);
    expect(api.sent).toEqual([{ conversation: "conv_1", body: { content: { type: "text", text: "Bom dia" } } }]);
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(1).map((line) => /message\.\w+/.exec(line)?.[0])).toEqual([
      "message.received",
      "message.queued",
      "message.sent",
      "message.delivered",
      "message.read",
    ]);
    expect(lines[1]).toContain("Ana: “Olá”");
  });

  it("finds the message in a conversation that has a past", async () => {
    for (const number of [1, 2, 3])
      api.happen("conv_1", "message.received", inbound(`old ${number}`, `wamid.old${number}`));
    api.onWritten((id) => api.happen("conv_1", "message.received", inbound("new", id)));
    const { code, out } = await recado(["simulate", "whatsapp", "new", "--wait", "0", "--url", api.url]).ended;
    expect(code).toBe(0);
    expect(out).toContain("conv_1#4");
    expect(out).not.toContain("old");
    expect(out).toContain(`${api.url}/v1/conversations/conv_1/messages`);
  });

  it("does what a customer can do besides writing, and shows what became of it", async () => {
    // The vendor answers some of it with the id of the message that it is about.
    api.happen("conv_1", "message.received", inbound("Olá", "wamid.1"));
    api.onWritten(() =>
      api.happen("conv_1", "message.reacted", { message: { providerMessageId: "wamid.out" } }, later()),
    );
    const options = ["--kind", "reaction", "--about", "wamid.out", "--wait", "0"];
    const { code, out } = await recado(["simulate", "whatsapp", "👍", ...options, "--url", api.url]).ended;
    expect(code).toBe(0);
    expect(api.written[0]?.body).toMatchObject({ text: "👍", kind: "reaction", replyTo: "wamid.out" });
    expect(out).toMatch(/conv_1#2 +message\.reacted/);
  });

  it("shows what the vendor gives no id of its own", async () => {
    const content = { type: "unsupported", reason: "referral", raw: {} };
    const message = { id: "msg_1", author: { type: "contact" }, content, providerMessageId: "made of the element" };
    api.onWritten(() => api.happen("conv_1", "message.received", { message }, later()));
    const options = ["--kind", "referral", "--wait", "0", "--url", api.url];
    const { code, out } = await recado(["simulate", "whatsapp", "shop", ...options]).ended;
    expect(code).toBe(0);
    expect(out).toContain("[unsupported] referral");
  });

  it("fails when the reply does not get through in time", async () => {
    api.onWritten((id) => api.happen("conv_1", "message.received", inbound("Olá", id)));
    const run = recado(["simulate", "whatsapp", "Olá", "--reply", "x", "--wait", "0.3", "--url", api.url]);
    expect(await run.ended).toMatchObject({ code: 1, err: expect.stringContaining("not through") });
  });

  it("names the accounts when there is none of that name", async () => {
    const { code, err } = await recado(["simulate", "fax", "Hi", "--url", api.url]).ended;
    expect(code).toBe(1);
    expect(err).toContain("whatsapp, messenger, instagram, sms");
  });

  it("says that there is no simulator", async () => {
    const { code, err } = await recado(["simulate", "sms", "Hi", "--url", api.url]).ended;
    expect(code).toBe(1);
    expect(err).toContain("no simulator of twilio");
  });
});

describe("recado tail", () => {
  let running: Running | undefined;
  afterEach(async () => {
    running?.process.kill();
    await running?.ended;
    running = undefined;
  });
  const printed = () =>
    (running?.out() ?? "")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Envelope);

  it("prints envelopes of one conversation from the beginning, then as they happen", async () => {
    for (const text of ["one", "two", "three"]) api.happen("conv_1", "message.received", inbound(text, text));
    api.happen("conv_2", "message.received", inbound("other", "other"));
    running = recado(["tail", "--conversation", "conv_1", "--url", api.url]);
    await vi.waitFor(() => expect(printed()).toHaveLength(3), WAIT);
    api.happen("conv_1", "message.sent");
    await vi.waitFor(() => expect(printed()).toHaveLength(4), WAIT);
    expect(printed().map(({ subject, sequence }) => `${subject}#${Number(sequence)}`)).toEqual([
      "conv_1#1",
      "conv_1#2",
      "conv_1#3",
      "conv_1#4",
    ]);
  });

  it("prints what happened anywhere since a time, then what happens", async () => {
    api.happen("conv_1", "message.received", inbound("old", "old"), "2026-11-20T10:00:00.000Z");
    for (const [second, log] of ["conv_1", "conv_2", "conv_1"].entries())
      api.happen(log, "message.sent", {}, `2026-11-21T10:00:0${second}.000Z`);
    running = recado(["tail", "--since", "2026-11-21", "--url", api.url]);
    await vi.waitFor(() => expect(printed()).toHaveLength(3), WAIT);
    api.happen("conv_2", "message.sent", {}, "2026-11-22T10:00:00.000Z");
    await vi.waitFor(() => expect(printed()).toHaveLength(4), WAIT);
    const places = printed().map(({ subject, sequence }) => `${subject}#${Number(sequence)}`);
    expect(places).toEqual(["conv_1#2", "conv_2#1", "conv_1#3", "conv_2#2"]);
  });

  it("prints what happens from now on anywhere, of one type", async () => {
    api.happen("conv_1", "message.received", inbound("old", "old"));
    running = recado(["tail", "--type", "message.received", "--url", api.url]);
    // Whatever comes before its first look is the past: so something new happens until it is noticed.
    let number = 0;
    await vi.waitFor(() => {
      number += 1;
      api.happen("conv_1", "message.sent");
      api.happen("conv_2", "message.received", inbound(`new ${number}`, `new ${number}`));
      expect(printed().length).toBeGreaterThan(0);
    }, WAIT);
    expect(printed().every(({ type, subject }) => type === "message.received" && subject === "conv_2")).toBe(true);
  });

  it.each([
    [
      ["--type", "message.deleted,media.*"],
      ["media.stored", "message.deleted"],
    ],
    [
      ["--type", "message.deleted", "--type", "media.*"],
      ["media.stored", "message.deleted"],
    ],
  ])("prints events of several types and families: %j", async (types, printedTypes) => {
    for (const type of ["media.stored", "message.sent", "message.deleted"] as const) api.happen("conv_types", type);
    running = recado(["tail", "--conversation", "conv_types", ...types, "--url", api.url]);
    await vi.waitFor(() => expect(printed().map(({ type }) => type)).toEqual(printedTypes), WAIT);
  });

  it.each([
    ["nope", /“nope” is no type of event. There are: message.received, .*account.alert. /],
    ["media.*,message.recieved", /“message.recieved” is no type of event. There are in message.\*: message.received, /],
    ["", /“” is no type of event. /],
  ])("refuses at once a type that there is not, and names those that there are: %s", async (type, words) => {
    const { code, out, err } = await recado(["tail", "--type", type, "--url", api.url]).ended;
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(words);
  });

  it("waits for a Recado that is away for a while, and says so", async () => {
    api.happen("conv_away", "message.received");
    running = recado(["tail", "--conversation", "conv_away", "--url", api.url]);
    await vi.waitFor(() => expect(printed()).toHaveLength(1), WAIT);
    api.refuse({ status: 503 });
    await vi.waitFor(() => expect(running?.err()).toBe("Recado answered 503. Trying on.\n"), WAIT);
    api.happen("conv_away", "message.sent");
    api.refuse();
    await vi.waitFor(() => expect(printed()).toHaveLength(2), WAIT);
    expect(running.err()).toBe("Recado answered 503. Trying on.\nRecado answers again.\n");
  });

  it("says that Recado is not running, and how to start it", async () => {
    const { url } = api;
    await api.close();
    const { code, out, err } = await recado(["tail", "--url", url]).ended;
    expect({ code, out, err }).toEqual({
      code: 1,
      out: "",
      err: `Recado is not running at ${url}. Start it with npm start.\n`,
    });
    api = await startFakeApi();
  });

  it("says that the key or the conversation is unknown", async () => {
    const key = await recado(["tail", "--key", "wrong", "--url", api.url]).ended;
    expect(key).toMatchObject({ code: 1, err: expect.stringContaining("does not know this API key") });
    const conversation = await recado(["tail", "--conversation", "conv_x", "--url", api.url]).ended;
    expect(conversation).toMatchObject({
      code: 1,
      err: "Recado answered 404: There is no conversation with this id.\n",
    });
  });
});

describe("an event on one line", () => {
  const event = (type: Envelope["type"], data: object): Envelope => {
    const time = "2026-11-22T10:00:00.000Z";
    return {
      specversion: "1.0",
      id: "evt_1",
      source: "/recado/sms",
      type,
      subject: "conv_1",
      time,
      datacontenttype: "application/json",
      dataschema: dataSchema(type),
      sequence: "000000000042",
      epoch: 1,
      data: { channel: "sms", account: "sms", times: { received: time, recorded: time }, ...data },
    };
  };

  it("keeps control characters of customers away from the terminal", () => {
    const line = eventLine(event("message.received", inbound("a\u001b[2J\nb\u202ec", "1")));
    expect(line).toContain("Ana: “a [2J b c”");
    expect(line).toContain("conv_1#42");
  });

  it("says why a message failed, and names other content by its kind", () => {
    const failure = { class: "opted_out", code: "21610", reason: "The customer opted out." };
    expect(eventLine(event("message.failed", { message: { id: "msg_1" }, failure }))).toContain(
      "The customer opted out. (21610)",
    );
    const picture = { message: { author: { type: "contact" }, content: { type: "image" } } };
    expect(eventLine(event("message.received", picture))).toContain("contact: [image]");
  });

  it.each([
    [{ type: "choice", id: "yes", title: "Sim" }, "[choice] Sim"],
    [{ type: "image", media: { contentType: "image/png" }, caption: "Este?" }, "[image] Este?"],
    [{ type: "document", media: { contentType: "application/pdf", fileName: "fatura.pdf" } }, "[document] fatura.pdf"],
    [{ type: "location", latitude: 38.7, longitude: -9.1 }, "[location] 38.7, -9.1"],
    [{ type: "unsupported", reason: "call", raw: {} }, "[unsupported] call"],
  ])("says the most of %j that fits a line", (content, words) => {
    expect(eventLine(event("message.received", { message: { author: { type: "contact" }, content } }))).toContain(
      `contact: ${words}`,
    );
  });

  it("says what happened without a message", () => {
    const author = { type: "contact", name: "Ana" };
    const about = { message: { providerMessageId: "wamid.1" }, author };
    expect(eventLine(event("message.edited", { ...about, content: { type: "text", text: "Oi" } }))).toContain(
      "Ana: “Oi”",
    );
    expect(eventLine(event("message.reacted", { ...about, emoji: "👍" }))).toContain("Ana: 👍");
    expect(
      eventLine(event("consent.changed", { topic: "marketing", state: "opted_out", source: "provider" })),
    ).toContain("marketing: opted_out");
    const media = { id: "med_1", contentType: "image/jpeg", size: 7, sha256: "00" };
    expect(eventLine(event("media.stored", { message: { id: "msg_1" }, media }))).toContain("med_1 (image/jpeg)");
  });
});
