import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchProfile, type Ports, type ProfileAccount } from "../../../functions/fetch-profile/fetch-profile.ts";
import { profileSources } from "../../../shared/channels/profiles.ts";
import { connectors } from "../../../shared/channels/registry.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import type { Http, HttpAnswer, HttpRequest } from "../../../shared/ports.ts";
import { SAMPLE } from "../../contracts/provider.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

const PERSON = "7000000000000001";
const conversation = conversationId(SECRET, "messenger", PERSON);
const contact = contactId(SECRET, "messenger", PERSON);

const lines: { code: string }[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});
afterEach(() => void vi.restoreAllMocks());

/** A conversation of one message of Messenger, which tells no name, and Meta's answers to whoever asks. */
async function start(name: "messenger" | "instagram", ...answers: (object | HttpAnswer)[]) {
  const here = world();
  const arrive = async (...items: MailboxItem[]) => {
    here.mailbox.waiting.push(...items);
    await pump(here.mailbox, () => here.ports);
  };
  await arrive({ ...inboundText("m_1", { account: "messenger", address: PERSON }), channel: "messenger" });
  const asked: HttpRequest[] = [];
  const http: Http = async (request) => {
    const answer = answers[asked.push(request) - 1] ?? {};
    return "kind" in answer
      ? (answer as HttpAnswer)
      : { kind: "answer", status: 200, headers: {}, body: JSON.stringify(answer) };
  };
  const source = profileSources[name];
  if (!source) throw new Error(`${name} tells no profiles`);
  const account: ProfileAccount = { kind: "ready", account: SAMPLE[name], source, http };
  const ports: Ports = { ...here.ports, account: async () => account, random: randomBytes, idSecret: SECRET };
  const request = { log: conversation, account: "messenger", address: PERSON };
  return {
    ...here,
    arrive,
    asked,
    fetch: async (received = 1, changes: Partial<Ports> = {}) => {
      const next = await fetchProfile(request, received, { ...ports, ...changes });
      await pump(here.mailbox, () => here.ports);
      return next;
    },
    events: () => here.table.logs.get(conversation)?.map(({ type, data }) => [type, data]) ?? [],
  };
}

function refused(status: number, error: object): HttpAnswer {
  return { kind: "answer", status, headers: {}, body: JSON.stringify({ error }) };
}

describe("a customer whose name no message told", () => {
  test("is asked for once, when they are met, and again when they come back after the end", async () => {
    const { arrive, bells } = await start("messenger");
    const request = { log: conversation, account: "messenger", address: PERSON };
    const again = (id: string): MailboxItem => inboundText(id, { account: "messenger", address: PERSON });
    await arrive(again("m_2"));
    expect(bells.profiles).toEqual([request]);
    await arrive({ ...again("m_3"), type: "conversation.closed", data: { by: "agent" } }, again("m_4"), again("m_5"));
    expect(bells.profiles).toEqual([request, request]);
  });

  test("is not asked for where the channel told it", async () => {
    const { mailbox, ports, bells } = world();
    mailbox.waiting.push(inboundText("wamid.1", { name: "Ana" }));
    await pump(mailbox, () => ports);
    expect(bells.profiles).toEqual([]);
  });

  test("is called by it from then on, which is one event however often it is fetched", async () => {
    const { fetch, events, table, asked, bells } = await start(
      "messenger",
      { name: "Ana Souza" },
      { name: "Ana Souza" },
    );
    expect(await fetch()).toEqual({ kind: "done" });
    await fetch();
    expect(events().slice(1)).toEqual([["contact.updated", { change: "name", name: "Ana Souza" }]]);
    expect(table.profiles.get(contact)).toMatchObject({ name: "Ana Souza", conversations: [{ conversation }] });
    expect(bells.profiles).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      method: "GET",
      url: `https://graph.facebook.com/v26.0/${PERSON}?fields=first_name,last_name,name`,
      headers: { authorization: expect.stringMatching(/^Bearer ./) },
    });
    expect(asked[0]?.url).not.toContain("token");
  });

  test("keeps it when the next message tells none", async () => {
    const { fetch, arrive, table } = await start("messenger", { name: "Ana Souza" });
    await fetch();
    await arrive(inboundText("m_2", { account: "messenger", address: PERSON }));
    expect(table.profiles.get(contact)?.name).toBe("Ana Souza");
  });
});

test("the sources of names are those of the registry's connectors, each of them", () => {
  const registered = Object.entries(connectors).flatMap(([name, { profiles }]) => (profiles ? [[name, profiles]] : []));
  expect(profileSources).toEqual(Object.fromEntries(registered));
});

describe("what the provider tells", () => {
  test.each([
    ["messenger", { first_name: "Ana", last_name: "Souza" }, "Ana Souza"],
    ["messenger", { first_name: "Ana" }, "Ana"],
    ["instagram", { name: "Ana", username: "ana.s" }, "Ana"],
    ["instagram", { name: null, username: "ana.s" }, "@ana.s"],
  ] as const)("on %s, %j, is a name", async (name, told, expected) => {
    const { fetch, table } = await start(name, told);
    await fetch();
    expect(table.profiles.get(contact)?.name).toBe(expected);
  });

  test.each([
    ["nothing", {}],
    ["an empty name", { name: "  " }],
    ["something that is no name", { name: { first: "Ana" } }],
    ["that the person came by telephone number", refused(400, { code: 100, error_subcode: 2018218 })],
    ["that it does not know the person", refused(400, { code: 100, error_subcode: 33 })],
    ["that the person has to allow it", refused(400, { code: 230 })],
  ])("%s: the customer stays without a name, and nobody asks on", async (_, answer) => {
    const { fetch, events } = await start("messenger", answer);
    expect(await fetch()).toEqual({ kind: "done" });
    expect(events()).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  test.each([
    ["a token that is not valid", refused(400, { code: 190 })],
    ["too many requests", refused(400, { code: 613 })],
    ["a failure of its own", refused(500, { code: 1 })],
    ["no JSON", { kind: "answer", status: 200, headers: {}, body: "<html>" } as HttpAnswer],
    ["nothing in time", { kind: "interrupted", detail: "time-out" } as HttpAnswer],
  ])("%s: is asked again some time later, and in the end given up", async (_, answer) => {
    const { fetch, events } = await start("instagram", ...Array<HttpAnswer>(5).fill(answer));
    const waits = [];
    for (let received = 1; received <= 4; received++) waits.push(await fetch(received));
    expect(waits).toEqual([30, 300, 3600, 21_600].map((afterSeconds) => ({ kind: "retry", afterSeconds })));
    expect(await fetch(5)).toEqual({ kind: "done" });
    expect(events()).toHaveLength(1);
    expect(lines.map(({ code }) => code)).toEqual([...Array(4).fill("profile_later"), "profile_given_up"]);
    expect(JSON.stringify(lines)).not.toContain(PERSON);
  });

  test("is not asked without secrets, nor for an account that is gone", async () => {
    const { fetch, asked } = await start("messenger");
    expect(await fetch(1, { account: async () => ({ kind: "no_secrets" }) })).toMatchObject({ kind: "retry" });
    expect(await fetch(1, { account: async () => ({ kind: "not_configured" }) })).toEqual({ kind: "done" });
    expect(asked).toEqual([]);
  });
});
