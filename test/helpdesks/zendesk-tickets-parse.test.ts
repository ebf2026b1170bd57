/** What Zendesk's event webhooks mean: written from what Zendesk documents of them. */
import { describe, expect, it } from "vitest";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { zendeskTickets } from "../../shared/helpdesks/zendesk-tickets/index.ts";

const US = 35_436;
const CONVERSATION = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const EVENT = "d4f5c389-8f4a-4c2e-a1b9-8e4f39c71d52";
const TIME = "2026-11-22T10:25:30.123456789Z";
const AT = Date.parse("2026-11-22T10:25:30.123Z");
const AGENT = "360000000001";
const CUSTOMER = "9000000010";

function parsed(body: unknown) {
  const settings = { subdomain: "acme", email: "recado@acme.example", integrationUserId: US };
  return zendeskTickets.door.parse(
    {
      ...{ method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, headers: {}, receivedAt: AT },
      body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    },
    { name: "desk", settings, secrets: {} },
  );
}

/** One event of ticket 5158, done by an agent. */
function event(
  what: string,
  about: object,
  { detail, ...more }: { detail?: object; id?: unknown; time?: unknown } = {},
) {
  return {
    ...{
      account_id: 22_129_848,
      id: EVENT,
      time: TIME,
      subject: "zen:ticket:5158",
      zendesk_event_version: "2022-11-06",
    },
    type: `zen:event-type:ticket.${what}`,
    detail: {
      ...{ id: "5158", external_id: `recado:${CONVERSATION}`, status: "OPEN", requester_id: CUSTOMER, actor_id: AGENT },
      ...{ tags: ["recado", "recado_whatsapp", "vip"], via: { channel: "api" }, ...detail },
    },
    event: { meta: { sequence: { id: "1AFFD67A", position: 1 } }, ...about },
    ...more,
  };
}

function comment(more: object = {}) {
  const author = { id: AGENT, is_staff: true, name: "Bia" };
  return { comment: { id: "9876543210", body: "Já vai", is_public: true, author, ...more } };
}

const about = { id: EVENT, ticket: "5158", at: AT };
const LOOK: DeskHappening[] = [{ type: "look", ...about }];

describe("an event", () => {
  it.each<[string, unknown, DeskHappening[]]>([
    ["an agent's public comment", event("comment_added", comment()), LOOK],
    [
      "one with ids as numbers",
      event("comment_added", comment({ id: 1, author: { id: 2, is_staff: true } }), { detail: { id: 5158 } }),
      LOOK,
    ],
    [
      "one in a later ticket of the conversation",
      event("comment_added", comment(), { detail: { external_id: `recado:${CONVERSATION}:2` } }),
      LOOK,
    ],
    ["one without a word, which has files alone", event("comment_added", comment({ body: "" })), LOOK],
    ["one that says too little to be judged", event("comment_added", {}), LOOK],
    [
      "a comment of the system's own user",
      event("comment_added", comment({ author: { id: "-1", is_staff: false } })),
      LOOK,
    ],
    ["a private note", event("comment_added", comment({ is_public: false })), []],
    [
      "the customer's comment, which we wrote",
      event("comment_added", comment({ author: { id: CUSTOMER, is_staff: false } }), {
        detail: { actor_id: String(US) },
      }),
      [],
    ],
    ["a comment in our own name", event("comment_added", comment({ author: { id: US, is_staff: true } })), []],
    ["a file that is told apart from its comment", event("attachment_linked_to_comment", comment()), []],
    [
      "a comment made private after it went out",
      event("comment_made_private", comment({ is_public: false })),
      [{ type: "deleted", ...about, of: "9876543210" }],
    ],
    [
      "a comment with something taken out",
      event("comment_redacted", { comment: { id: "9876543210" } }),
      [{ type: "edited", ...about, of: "9876543210" }],
    ],
    [
      "something taken out of what the customer said",
      event("comment_redacted", comment({ author: { id: CUSTOMER, is_staff: false } })),
      [],
    ],
    [
      "solved",
      event("status_changed", { current: "SOLVED", previous: "OPEN" }),
      [{ type: "state", ...about, state: "closed" }],
    ],
    [
      "solved, in small letters",
      event("status_changed", { current: "solved", previous: "pending" }),
      [{ type: "state", ...about, state: "closed" }],
    ],
    [
      "closed without having been solved",
      event("status_changed", { current: "CLOSED", previous: "OPEN" }),
      [{ type: "state", ...about, state: "closed" }],
    ],
    [
      "opened again",
      event("status_changed", { current: "OPEN", previous: "SOLVED" }),
      [{ type: "state", ...about, state: "open" }],
    ],
    [
      "open, and nobody says from what",
      event("status_changed", { current: "OPEN" }),
      [{ type: "state", ...about, state: "open" }],
    ],
    [
      "closed for good, days after it was solved",
      event("status_changed", { current: "CLOSED", previous: "SOLVED" }),
      [],
    ],
    ["waiting for the customer", event("status_changed", { current: "PENDING", previous: "OPEN" }), []],
    [
      "solved by us",
      event("status_changed", { current: "SOLVED", previous: "OPEN" }, { detail: { actor_id: String(US) } }),
      [],
    ],
    [
      "given to an agent",
      event("agent_assignment_changed", { current: AGENT, previous: null }),
      [{ type: "assigned", ...about, assignee: { id: AGENT } }],
    ],
    [
      "given to nobody",
      event("agent_assignment_changed", { current: null, previous: AGENT }),
      [{ type: "assigned", ...about }],
    ],
    [
      "given to nobody, as 0",
      event("agent_assignment_changed", { current: "0", previous: AGENT }),
      [{ type: "assigned", ...about }],
    ],
    [
      "tags",
      event("tags_changed", { added: { tags: ["vip"] }, removed: { tags: [] } }),
      [{ type: "tags", ...about, tags: ["recado_whatsapp", "vip"] }],
    ],
    ["tags of ours", event("tags_changed", { added: { tags: ["vip"] } }, { detail: { actor_id: US } }), []],
    ["a new ticket", event("created", {}), []],
    ["something that there was not yet", event("weather_changed", { current: "RAIN" }), []],
    ["a ticket that came by mail", event("comment_added", comment(), { detail: { external_id: "" } }), []],
    ["a ticket without an external id", event("comment_added", comment(), { detail: { external_id: null } }), []],
    ["a ticket of another program's", event("comment_added", comment(), { detail: { external_id: "jira:1" } }), []],
    ["a user", { ...event("x", {}), type: "zen:event-type:user.created" }, []],
  ])("%s", (_, body, happenings) => {
    expect(parsed(body)).toEqual({ ok: true, happenings });
  });

  it("is the same when it is told again, also where it bears no id", () => {
    const body = event("comment_added", comment(), { id: undefined });
    expect(parsed(body)).toEqual(parsed(body));
    expect(parsed(body)).toMatchObject({
      ok: true,
      happenings: [{ type: "look", id: expect.stringContaining("5158") }],
    });
  });

  it("has no time where Zendesk says none that can be read", () => {
    const { at: _, ...rest } = about;
    expect(parsed(event("comment_added", comment(), { time: "soon" }))).toEqual({
      ok: true,
      happenings: [{ type: "look", ...rest }],
    });
  });

  it.each<[string, unknown, RegExp]>([
    ["is no JSON", "{", /not JSON/],
    ["was written by a trigger", { ticket: "5158", comment: "Olá" }, /connected to a trigger/],
    ["has no ticket", { type: "zen:event-type:ticket.comment_added", event: comment() }, /without the ticket/],
  ])("cannot be read when it %s, and the reason says so", (_, body, reason) => {
    expect(parsed(body)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});
