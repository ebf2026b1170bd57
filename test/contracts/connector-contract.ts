/** What every connector keeps, whatever its provider: one suite, run by a test of five lines each. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Account, Connector, Parsed, Rendering } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import { Content } from "../../shared/domain/content.ts";
import { eventData } from "../../shared/domain/event.ts";
import type { Http, HttpAnswer } from "../../shared/ports.ts";
import { type ConnectorName, fixturesOf, keysOf, SAMPLE, TOPICS, webhook } from "./provider.ts";

interface Facts {
  /** How many elements the provider put into a body; none for a provider that sends one thing at a time. */
  elementsIn?: (body: unknown) => number;
  /** The answer that says: accepted, under this id. */
  accepted: (id: string) => { status: number; body: unknown };
  /** A body with one more element that cannot be read; Meta's entries when left out. */
  withNeighbour?: (body: unknown, element: unknown) => unknown;
}

const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";

export function connectorContract(
  name: ConnectorName,
  { elementsIn, accepted, withNeighbour = withEntry }: Facts,
): void {
  const connector: Connector = connectors[name];
  const { receiver, sender } = connector;
  const account = SAMPLE[name];
  const fixtures = fixturesOf(name);
  const [newest = "", older = ""] = keysOf(name);

  describe(`${name}: the whole`, () => {
    it("is known by the name of its folder", () => {
      expect(connector.name).toBe(name);
    });

    it("takes the sample settings and refuses an unknown one", () => {
      expect(connector.settings.safeParse(account.settings).success).toBe(true);
      expect(connector.settings.safeParse({ ...(account.settings as object), colour: "blue" }).success).toBe(false);
    });

    it("names every secret that the sample account has", () => {
      const named = connector.secrets.map((secret) => secret.name);
      expect(named.toSorted()).toEqual(Object.keys(account.secrets as object).toSorted());
    });
  });

  describe(`${name}: receiving`, () => {
    it.each(fixtures)("reads $name: $about", (fixture) => {
      const request = webhook(name, fixture);
      expect(receiver.verify(request, account)).toEqual({ ok: true });
      const result = receiver.parse(request, [account]);
      expect(result).toEqual({ ok: true, parsed: fixture.parsed });
    });

    if (connector.transport === "sns") itIsFromTheTopic();
    else itIsSigned();

    it("gives nothing to an account that the webhook does not name", () => {
      const settings = { accountSid: "AC1", from: "+1", phoneNumberId: "1", pageId: "1", instagramId: "1" };
      const other: Account = { ...account, name: "other", settings };
      for (const fixture of fixtures) {
        const result = receiver.parse(webhook(name, fixture), [other]);
        const told = result.ok ? result.parsed.filter(({ happening }) => happening.type !== "account.alert") : [];
        expect(told.filter((parsed) => parsed.account !== undefined)).toEqual([]);
      }
    });

    it("tells what the contract of events can carry", () => {
      for (const { parsed } of fixtures) for (const one of parsed) expectCarried(one);
    });

    it("gives the same event the same subject, however often it comes, and no two events of a body the same", () => {
      for (const fixture of fixtures) {
        const [once, again] = [
          receiver.parse(webhook(name, fixture), [account]),
          receiver.parse(webhook(name, fixture), [account]),
        ];
        expect(again).toEqual(once);
        const subjects = fixture.parsed.map(({ subject }) => subject);
        expect(new Set(subjects).size).toBe(subjects.length);
      }
    });

    it("does not take the echo of an own send for a message", () => {
      const echoes = fixtures.flatMap(({ parsed }) => parsed).filter(({ correlation }) => correlation === CORRELATION);
      expect(echoes.length).toBeGreaterThan(0);
      for (const { happening } of echoes) expect(happening).not.toHaveProperty("message");
    });

    it("reads any bytes without throwing", () => {
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array(), fc.string().map(Buffer.from), fc.json().map(Buffer.from)), (body) => {
          receiver.verify(webhook(name, { body }), account);
          receiver.parse(webhook(name, { body }), [account]);
        }),
        { numRuns: 300 },
      );
    });

    it("keeps every element of a webhook in which anything was replaced by anything", () => {
      fc.assert(
        fc.property(fc.constantFrom(...fixtures), fc.nat(), anything, (fixture, place, value) => {
          const body = replaced(fixture.body, place, value);
          const result = receiver.parse(webhook(name, { ...fixture, body }), [account]);
          if (!result.ok) return;
          expect(result.parsed.length).toBeGreaterThanOrEqual(elementsIn?.(body) ?? 0);
          for (const one of result.parsed) expectCarried(one);
        }),
        { numRuns: 500 },
      );
    });

    it.each([1_000, 100_000])("survives an element that is nested %i deep, and keeps its neighbours", (depth) => {
      const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
      for (const fixture of fixtures.filter(({ body }) => typeof body === "object").slice(0, 2)) {
        const around = elementsIn ? withNeighbour(fixture.body, "DEEP") : { ...(fixture.body as object), deep: "DEEP" };
        const body = JSON.stringify(around).replaceAll('"DEEP"', deep);
        const result = receiver.parse(webhook(name, { ...fixture, body }), [account]);
        if (!result.ok) throw new Error(result.reason);
        expect(result.parsed.length).toBeGreaterThanOrEqual(fixture.parsed.length + (elementsIn ? 1 : 0));
        expect(() => JSON.stringify(result.parsed)).not.toThrow();
      }
    });
  });

  describe(`${name}: sending`, () => {
    const rendering: Rendering = {
      to: "+351912345678",
      content: { type: "text", text: "Olá 😀 & até já\n" },
      author: { type: "agent" },
      settings: account.settings,
      correlation: CORRELATION,
      callbackUrl: `https://hooks.example.test/webhooks/${name}`,
    };

    it("renders the text as it is, with our correlation, at the vendor's own address, without a secret", () => {
      const request = sender.render(rendering);
      const body = decodeURIComponent(String(request.body)).replaceAll("+", " ");
      expect(request.url.startsWith(`${connector.vendor.origin}/`)).toBe(true);
      expect(body).toContain("Olá 😀 & até já");
      expect(body).toContain(CORRELATION);
      expect(JSON.stringify(request)).not.toMatch(/token|secret|SKkey/i);
    });

    it("knows an acceptance under the id that receipts will carry", async () => {
      const [receipt] = fixtures
        .flatMap(({ parsed }) => parsed)
        .filter(({ correlation }) => correlation === CORRELATION);
      const id = receipt?.subject.split("#")[0] ?? "";
      expect(await outcome(accepted(id))).toEqual({ kind: "sent", providerMessageId: id });
    });

    it("is certain only of what is certain", async () => {
      const { status, body } = accepted("id");
      const kinds = {
        not_sent: await outcome({ kind: "not_sent", detail: "no connection" }),
        interrupted: await outcome({ kind: "interrupted", detail: "time-out" }),
        withoutId: await outcome({ status, body: {} }),
        garbage: await outcome({ status: 200, body: "<html>" }),
        serverFailed: await outcome({ status: 500, body: "" }),
        gateway: await outcome({ status: 502, body }),
        forbidden: await outcome({ status: 403, body: "<html>" }),
        tooMany: await outcome({ status: 429, body: "", headers: { "retry-after": "7" } }),
      };
      expect(kinds).toMatchObject({
        not_sent: { kind: "unavailable" },
        interrupted: { kind: "uncertain" },
        withoutId: { kind: "uncertain" },
        garbage: { kind: "uncertain" },
        serverFailed: { kind: "uncertain" },
        gateway: { kind: "uncertain" },
        forbidden: { kind: "uncertain" },
        tooMany: { kind: "throttled", scope: "account", retryAfterSeconds: 7 },
      });
    });

    it("makes an outcome of any answer, and never `sent` or a retry of a server's failure", async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), async (status, text) => {
          const { kind } = await outcome({ status, body: text });
          expect(["sent", "rejected", "throttled", "unavailable", "uncertain"]).toContain(kind);
          if (status >= 500) expect(kind).toBe("uncertain");
        }),
      );
    });

    // Otherwise they are the function's own.
    if (connector.secrets.length > 0) {
      it("asks nobody when the account has no credentials", async () => {
        const http: Http = () => Promise.reject(new Error("asked"));
        const { kind } = await sender.send(sender.render(rendering), withSecrets(account, {}), http);
        expect(kind).toBe("unavailable");
      });
    }

    function outcome(answer: HttpAnswer | { status: number; body: unknown; headers?: Record<string, string> }) {
      const http: Http = async () => ("kind" in answer ? answer : answered(answer));
      return sender.send(sender.render(rendering), account, http);
    }
  });

  function itIsSigned(): void {
    it.each(fixtures)("accepts the older key for $name, and a single key as well as a list", (fixture) => {
      expect(receiver.verify(webhook(name, fixture, older), account)).toEqual({ ok: true });
      const single = withSecrets(account, Object.fromEntries(connector.secrets.map((secret) => [secret.name, newest])));
      expect(receiver.verify(webhook(name, fixture, newest), single)).toEqual({ ok: true });
    });

    it("refuses a body signed with no key of the account, and tells the operator without telling a secret", () => {
      for (const fixture of fixtures) {
        const verdict = receiver.verify(webhook(name, fixture, "somebody else's key"), account);
        expect(verdict).toMatchObject({ ok: false, hint: expect.stringMatching(/./) });
        const told = JSON.stringify(verdict);
        for (const secret of Object.values(account.secrets as object).flat()) expect(told).not.toContain(secret);
        expect(told).not.toContain("somebody");
      }
    });

    it("refuses a webhook without a signature", () => {
      for (const fixture of fixtures) {
        expect(receiver.verify({ ...webhook(name, fixture), headers: {} }, account)).toMatchObject({ ok: false });
      }
    });

    it("refuses any body in which one bit is not as signed", () => {
      const posted = fixtures.filter(({ body, method }) => body !== "" && method !== "GET");
      fc.assert(
        fc.property(fc.constantFrom(...posted), fc.nat(), fc.nat(7), (fixture, position, bit) => {
          const request = webhook(name, fixture);
          const body = Uint8Array.from(request.body);
          const index = position % body.length;
          body[index] = (body[index] ?? 0) ^ (1 << bit);
          // A changed blank of a form may decode to the same: then nothing was changed.
          fc.pre(name !== "sms-twilio" || !isSameForm(body, request.body));
          return !receiver.verify({ ...request, body }, account).ok;
        }),
        { numRuns: 300 },
      );
    });

    it("says of an account without its secret that nothing can be said", () => {
      for (const fixture of fixtures) {
        expect(receiver.verify(webhook(name, fixture), withSecrets(account, {}))).toMatchObject({
          ok: false,
          isUnset: true,
        });
      }
    });
  }

  /** What may come from there is in the topic's policy; without a secret there is no key to judge by. */
  function itIsFromTheTopic(): void {
    it("refuses what another topic published, and what somebody posts", () => {
      for (const fixture of fixtures) {
        const request = webhook(name, fixture);
        const foreign = String(request.body).replace(TOPICS[name] ?? "", "arn:aws:sns:eu-west-1:999999999999:theirs");
        if (foreign !== String(request.body)) {
          const verdict = receiver.verify({ ...request, body: Buffer.from(foreign) }, account);
          expect(verdict).toMatchObject({ ok: false, hint: expect.stringMatching(/./) });
        }
        expect(receiver.verify({ ...request, url: "https://hooks.example.test/" }, account)).toMatchObject({
          ok: false,
        });
      }
    });
  }
}

export function answered({
  status,
  body,
  headers = {},
}: {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}): HttpAnswer {
  return { kind: "answer", status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

/** Any JSON, with the names that JavaScript stumbles over, and numbers too large for it. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(1e308, -1, "", "\ud800", "__proto__", [], {}, null),
  fc
    .string()
    .map((text) => JSON.parse(`{"__proto__":{"id":${JSON.stringify(text)}},"constructor":1,"toString":[]}`) as unknown),
);

/** The body with the value at its nth place replaced; a form with one of its fields. */
function replaced(body: unknown, place: number, value: unknown): unknown {
  if (typeof body === "string") {
    const fields = [...new URLSearchParams(body)];
    const field = fields[place % Math.max(fields.length, 1)];
    if (field) field[place % 2] = typeof value === "string" ? value : JSON.stringify(value);
    return new URLSearchParams(fields).toString();
  }
  const copy = structuredClone({ body });
  const places: [object, string][] = [];
  const visit = (parent: object) => {
    for (const [name, child] of Object.entries(parent)) {
      places.push([parent, name]);
      if (typeof child === "object" && child !== null) visit(child);
    }
  };
  visit(copy);
  const [parent, name] = places[place % places.length] ?? [copy, "body"];
  Object.defineProperty(parent, name, { value, enumerable: true });
  return copy.body;
}

/** The body of a batch with one more entry. */
function withEntry(body: unknown, entry: unknown): unknown {
  return { ...(body as object), entry: [...(body as { entry: unknown[] }).entry, entry] };
}

/** Whatever was parsed has a place in the public contract, can be written as JSON, and has a key. */
function expectCarried({ subject, happening, time }: Parsed): void {
  expect(subject).toMatch(/^.+#.+$/s);
  if (time !== undefined) expect(() => new Date(time).toISOString()).not.toThrow();
  expect(() => JSON.stringify(happening)).not.toThrow();
  if ("message" in happening) expect(Content.safeParse(happening.message.content).error).toBeUndefined();
  if ("receipt" in happening) {
    const { providerMessageId, ...rest } = happening.receipt;
    const failure = "failure" in happening ? { failure: happening.failure } : {};
    const data = { message: { providerMessageId }, ...rest, ...failure };
    expect(eventData[happening.type].safeParse(data).error).toBeUndefined();
  }
  if ("of" in happening) {
    const { type, of: providerMessageId, ...rest } = happening;
    expect(eventData[type].safeParse({ message: { providerMessageId }, ...rest }).error).toBeUndefined();
  }
  if (happening.type === "consent.changed")
    expect(eventData[happening.type].safeParse(happening).error).toBeUndefined();
}

function isSameForm(one: Uint8Array, other: Uint8Array): boolean {
  const [first, second] = [one, other].map((bytes) => [...new URLSearchParams(Buffer.from(bytes).toString("utf8"))]);
  const joined = (fields: string[][] | undefined) =>
    (fields ?? [])
      .map((field) => field.join(""))
      .toSorted()
      .join("");
  return joined(first) === joined(second);
}

function withSecrets(account: Account, secrets: unknown): Account {
  return { ...account, secrets };
}
