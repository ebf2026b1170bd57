/** A client that knows nothing but the OpenAPI document, and holds every answer to it. */
import fc from "fast-check";
import { expect } from "vitest";
import { type Json, objectIn } from "../../cli/contract/json-schema.ts";
import { BatchToSend } from "../../shared/domain/batch-shapes.ts";
import { foldedName } from "../../shared/domain/contact-list.ts";
import { Content } from "../../shared/domain/content.ts";
import { filesIn } from "../../shared/domain/content-files.ts";
import { EventType } from "../../shared/domain/event.ts";
import { optionsOf } from "../../shared/domain/options.ts";
import { type Asked, allowedRequest, type Case, canBeWrong, forbiddenRequest, type Known } from "./arbitraries.ts";
import type { Contract, Operation } from "./operations.ts";

export interface Answered {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface Client {
  contract: Contract;
  send: (asked: Asked) => Promise<Answered>;
  known: Known;
  /** Told of every answer. */
  onAnswer?: (operation: Operation, status: number) => unknown;
}

/** What no request that the document allows is refused for. */
const OF_FORM = ["bad_json", "unsupported_media_type", "bad_parameter", "invalid_body", "too_large"];

/** Rules that the document says in words alone: whether the request is one of those that they are about. */
const IN_WORDS: Record<string, (one: Case) => boolean> = {
  sendMessage: ({ body }) => {
    // Most times are over, or far ahead.
    const { content, sendAt } = objectIn(body);
    return sendAt !== undefined || isAstray(Content.parse(content));
  },
  sendProactively: ({ body }) => {
    const { content = objectIn(body).template, sendAt } = objectIn(body);
    const said = Content.safeParse(content).data;
    return sendAt !== undefined || !said || isAstray(said);
  },
  // Something is said, now; two braces are a placeholder, and nobody is reached twice.
  createBatch: ({ body }) => {
    const { message, recipients } = BatchToSend.shape.message.safeParse(objectIn(body).message).success
      ? BatchToSend.parse(body)
      : {};
    if (!message || !recipients) return true;
    const { content, template, sendAt } = message;
    const named = recipients.map(({ to }) =>
      [to].flat().map((one) => ("contact" in one ? one.contact : JSON.stringify(one))),
    );
    const reached = named.flatMap((one) => [...new Set(one)]);
    const isTwice = new Set(reached).size < reached.length;
    return (
      sendAt !== undefined ||
      isTwice ||
      /\{\{|\}\}/.test(JSON.stringify([content, template])) ||
      [content, template].some((said) => said !== undefined && isAstray(said))
    );
  },
  // There are accounts of these names alone.
  listConversations: ({ query }) => "account" in query,
  // One of the two says where it begins.
  listAllEvents: ({ query }) => "since" in query === "cursor" in query,
  offerUpload: ({ body }) => Number(objectIn(body).size) > 100_000_000,
  // Answers cannot be stopped, and a customer stops a number of topics at most.
  // One way to look, with an address where it is one, and a name of which something is left.
  listContacts: ({ query: { name, number, address, account } }) =>
    [name, number].filter((way) => way !== undefined).length > 1 ||
    address !== undefined ||
    account !== undefined ||
    (name !== undefined && foldedName(name) === ""),
  // Where they are not spoken to on the channel, or as for one conversation.
  noteContactConsent: () => true,
  noteConsent: ({ body }) => objectIn(body).topic === "conversation" || objectIn(body).state === "opted_out",
  createSubscription: ({ body }) => isNoFilter(objectIn(body).filter),
  changeSubscription: ({ body }) => isNoFilter(objectIn(body).filter),
  startReplay: ({ body }) => {
    // One way to say what comes again, nothing beside it that belongs to another, and a range of what has happened.
    const { conversation, from, to, since, until, failed } = objectIn(body);
    const ways = [conversation, since, failed].filter((way) => way !== undefined);
    const isAstray = (conversation === undefined && (from ?? to) !== undefined) || (!since && until !== undefined);
    const end = until === undefined ? Date.now() : Math.min(Date.now(), Date.parse(String(until)));
    const isNothing = from !== undefined || Date.parse(String(since)) >= end;
    return ways.length !== 1 || isAstray || isNothing;
  },
};

/** A file is named by its id, or has a type; no two options have one id. */
function isAstray(content: Content): boolean {
  const ids = optionsOf(content).map(({ id }) => id);
  return (
    filesIn(content).some(({ file }) => file.id === undefined && !file.contentType) || new Set(ids).size < ids.length
  );
}

/** Types of events that there are none of, or a word that is blank. */
function isNoFilter(filter: Json | undefined): boolean {
  const { types, match } = objectIn(filter);
  const families = new Set(EventType.options.map((type) => type.replace(/\..*$/, ".*")));
  const isStrange = (type: Json) => !families.has(String(type)) && !EventType.options.some((known) => known === type);
  return (Array.isArray(types) && types.some(isStrange)) || (typeof match === "string" && match.trim() === "");
}

/** @param runs requests of each of the two kinds */
export async function tryOperation(operation: Operation, client: Client, runs: number): Promise<void> {
  const { contract, known } = client;
  // Without shrinking: every further try is a request, and what the text of a pattern shrinks to rarely fits it.
  await fc.assert(
    fc.asyncProperty(allowedRequest(contract, operation, known), (one) => tryAllowed(operation, one, client)),
    { numRuns: runs, endOnFailure: true },
  );
  if (!canBeWrong(operation)) return;
  await fc.assert(
    fc.asyncProperty(forbiddenRequest(contract, operation, known), (one) => tryForbidden(operation, one, client)),
    { numRuns: runs, endOnFailure: true },
  );
}

async function tryAllowed(operation: Operation, one: Case, client: Client): Promise<void> {
  const { status, code } = await holdToContract(operation, one.asked, client);
  if (!OF_FORM.includes(code ?? "")) return;
  // Cursors are sealed, and one kind of position excludes the other.
  const isAboutCursor = status === 400 && "cursor" in one.query;
  expect(isAboutCursor || IN_WORDS[operation.id]?.(one) === true, `${code} for what the document allows`).toBe(true);
}

async function tryForbidden(operation: Operation, one: Case, client: Client): Promise<void> {
  const { status } = await holdToContract(operation, one.asked, client);
  expect(status, `${one.wrong} was taken`).toBeGreaterThanOrEqual(400);
}

async function holdToContract(
  operation: Operation,
  asked: Asked,
  { contract, send, onAnswer }: Client,
): Promise<{ status: number; code?: string }> {
  const { status, headers, body } = await send(asked);
  onAnswer?.(operation, status);
  expect(status, body).toBeLessThan(500);
  const response = operation.responses[status];
  expect(response, `${status} is no answer of ${operation.id}: ${body}`).toBeDefined();
  expect(headers).toMatchObject({ "recado-version": expect.any(String), "recado-request-id": expect.any(String) });
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (Object.keys(response ?? {}).length === 0) {
    expect(body).toBe("");
    return { status };
  }
  const media = response?.[type];
  expect(media, `${status} of ${operation.id} as ${type}`).toBeDefined();
  const json: unknown = JSON.parse(body);
  expect(contract.faults(media?.schema ?? {}, json), `${status} of ${operation.id}: ${body}`).toEqual([]);
  if (status < 400) return { status };
  expect(type).toBe("application/problem+json");
  expect(json).toMatchObject({ status, requestId: headers["recado-request-id"] });
  return { status, code: String((json as { code?: unknown }).code) };
}
