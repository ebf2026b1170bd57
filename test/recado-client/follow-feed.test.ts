import { beforeEach, describe, expect, it } from "vitest";
import { createRecado } from "../../shared/client/client.ts";

const SINCE = new Date("2026-11-22T10:00:00Z");
interface Event {
  subject: string;
  sequence: string;
  epoch: number;
}

/** A Recado whose feed tells these pages, one after another, and whose logs have five events each. */
let pages: Event[][];
let asked: string[];
/** Paths whose next answer is a failure. */
let failing: Set<string>;

const event = (subject: string, number: number, epoch = 1): Event => {
  return { subject, sequence: String(number).padStart(12, "0"), epoch };
};

const access = {
  url: "http://recado",
  key: "k",
  fetch: async (url: string | URL | Request) => {
    const { pathname, searchParams } = new URL(String(url));
    asked.push(`${pathname}?${searchParams}`);
    if (failing.delete(pathname)) return new Response("{}", { status: 503 });
    if (pathname === "/v1/events") {
      const page = Number(searchParams.get("cursor") ?? 0);
      return Response.json({ data: pages[page] ?? [], nextCursor: String(page + 1) });
    }
    const [, subject = ""] = /^\/v1\/(?:conversations|contacts)\/([^/]+)\/events$/.exec(pathname) ?? [];
    const name = /^\/v1\/accounts\/([^/]+)\/events$/.exec(pathname)?.[1];
    const after = Number(searchParams.get("after"));
    const data = [1, 2, 3, 4, 5].slice(after).map((number) => event(name ? `account:${name}` : subject, number));
    return Response.json({ data, nextCursor: null });
  },
};

beforeEach(() => {
  pages = [];
  asked = [];
  failing = new Set();
});

/** The first events that are told. */
async function told(count: number): Promise<string[]> {
  const places: string[] = [];
  const stop = new AbortController();
  for await (const { subject, sequence } of createRecado(access).events({ since: SINCE, signal: stop.signal })) {
    places.push(`${subject}#${Number(sequence)}`);
    if (places.length === count) stop.abort();
  }
  return places;
}

describe("events since a time", () => {
  it("are told page by page, those of a page that comes twice once", async () => {
    pages = [[event("conv_a", 7), event("conv_a", 8)], [event("conv_a", 8), event("conv_b", 1)], [event("conv_a", 9)]];
    expect(await told(4)).toEqual(["conv_a#7", "conv_a#8", "conv_b#1", "conv_a#9"]);
    expect(asked[0]).toBe("/v1/events?limit=100&since=2026-11-22T10%3A00%3A00.000Z");
    expect(asked[1]).toBe("/v1/events?limit=100&cursor=1");
  });

  it.each(["conv_a", "con_a", "account:sms"])(
    "that the feed left out of %s are fetched from its log, in order",
    async (log) => {
      pages = [[event(log, 1)], [event(log, 4), event(log, 5)]];
      expect(await told(5)).toEqual([1, 2, 3, 4, 5].map((number) => `${log}#${number}`));
    },
  );

  it("begin anew with a higher epoch", async () => {
    pages = [[event("conv_a", 4)], [event("conv_a", 3, 2)]];
    expect(await told(2)).toEqual(["conv_a#4", "conv_a#3"]);
  });

  it("are neither lost nor told twice when a call fails between two others", async () => {
    pages = [[event("conv_a", 1)], [event("conv_b", 1), event("conv_a", 3)], [event("conv_a", 4)]];
    failing = new Set(["/v1/conversations/conv_a/events", "/v1/events"]);
    expect(await told(5)).toEqual(["conv_a#1", "conv_b#1", "conv_a#2", "conv_a#3", "conv_a#4"]);
  });
});
