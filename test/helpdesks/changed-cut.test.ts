/** More has changed at a desk than is read at once: it is said, so that whoever asked knows that some are missing. */
import { describe, expect, it } from "vitest";
import type { Helpdesk } from "../../shared/helpdesks/helpdesk.ts";
import { type HelpdeskName, helpdesks } from "../../shared/helpdesks/registry.ts";
import type { Http } from "../../shared/ports.ts";

const SINCE = 1_795_000_000_000;
const LATER = new Date(SINCE + 60_000).toISOString();

interface Sample {
  settings: object;
  secrets: object;
  /** A page of the list with as many as it holds; `more`: that others follow. */
  page(number: number, more: boolean): object;
}

const SAMPLES: Partial<Record<HelpdeskName, Sample>> = {
  front: {
    settings: { appId: "app", channels: "cha_1" },
    secrets: { apiToken: "token" },
    page: (number, more) => ({
      _results: [{ id: `cnv_${number}`, updated_at: SINCE / 1000 + 60 }],
      _pagination: { next: more ? `https://api2.frontapp.com/conversations?page_token=t${number}` : null },
    }),
  },
  gorgias: {
    settings: { domain: "acme", email: "recado@acme.example", integrationUserId: 7 },
    secrets: { apiKey: "key" },
    page: (number, more) => ({
      data: [{ id: number + 1, updated_datetime: LATER }],
      meta: { next_cursor: more ? `c${number}` : null },
    }),
  },
  hubspot: {
    settings: { channelId: "100", channelAccounts: { whatsapp: "200" }, appId: "300" },
    secrets: { accessToken: "token" },
    page: (number, more) => ({
      results: [{ id: String(number), status: "OPEN" }],
      ...(more && { paging: { next: { after: `a${number}` } } }),
    }),
  },
  intercom: {
    settings: { adminId: "1" },
    secrets: { accessToken: "token" },
    page: (number, more) => ({
      conversations: [{ id: String(number) }],
      pages: { ...(more && { next: { starting_after: `s${number}` } }) },
    }),
  },
  libredesk: {
    settings: { baseUrl: "https://desk.example.com", inboxes: "5f0f3c0e-3b1e-4a8e-9d52-0f6a1c7d2b11" },
    secrets: { apiKey: "key", apiSecret: "secret" },
    page: (number, more) => ({
      status: "success",
      data: {
        results: Array.from({ length: more ? 100 : 1 }, (_, row) => ({
          ...{ uuid: `u${number}-${row}`, last_message_at: LATER },
        })),
      },
    }),
  },
  "zendesk-tickets": {
    settings: { subdomain: "acme", email: "recado@acme.example", integrationUserId: 7 },
    secrets: { apiToken: "token" },
    page: (number, more) => ({
      tickets: [{ id: number + 1, status: "open", external_id: "recado:conv_1", updated_at: LATER }],
      meta: { has_more: more, after_cursor: `c${number}` },
    }),
  },
};

async function changedIn(name: string, pages: number) {
  const sample = SAMPLES[name as HelpdeskName];
  if (!sample) throw new Error(name);
  const helpdesk: Helpdesk = helpdesks[name as HelpdeskName];
  const { page, settings, secrets } = sample;
  let asked = 0;
  const http: Http = async () => {
    const body = JSON.stringify(page(asked, asked + 1 < pages));
    asked++;
    return { kind: "answer", status: 200, headers: {}, body };
  };
  const desk = { name: "desk", settings: helpdesk.settings.parse(settings), secrets };
  return { answer: await helpdesk.reconciler?.changed?.({ since: SINCE }, { desk, http }), asked };
}

describe.each(Object.keys(SAMPLES))("%s, asked what has changed", (name) => {
  it("says that there is more than it reads", async () => {
    const { answer, asked } = await changedIn(name, Number.POSITIVE_INFINITY);
    expect(answer).toMatchObject({ kind: "changed", isCut: true });
    expect(asked).toBeGreaterThan(1);
  });

  it("says nothing of the kind where the last page was read, were it the last that it reads", async () => {
    const { asked: most } = await changedIn(name, Number.POSITIVE_INFINITY);
    for (const pages of [1, most]) {
      const { answer, asked } = await changedIn(name, pages);
      expect(answer).toMatchObject({ kind: "changed" });
      expect(answer).not.toHaveProperty("isCut");
      expect(asked).toBe(pages);
    }
  });
});
