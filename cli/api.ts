/** The HTTP API of a running Recado, for commands. */
import type { Page, Problem } from "../shared/domain/api-shapes.ts";
import type { Envelope } from "../shared/domain/envelope.ts";
import { Failure } from "./failure.ts";

export interface Access {
  url: string;
  key: string;
}

/**
 * One request; gives the answer's JSON, which has the shape that the API promises.
 * @throws Failure with a sentence that says what to do
 */
export async function ask<Shape>({ url, key }: Access, path: string, body?: unknown): Promise<Shape> {
  const response = await reach(url, path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Shape;
  if (response.status === 401) {
    throw new Failure(`Recado at ${url} does not know this API key. Give another with --key or RECADO_API_KEY.`);
  }
  throw new Failure(`Recado answered ${response.status}: ${sentenceIn(text)}`);
}

/** @throws Failure when nothing listens there */
export async function reach(url: string, path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url.replace(/\/$/, "")}${path}`, request);
  } catch (error) {
    if (error instanceof TypeError && !URL.canParse(url)) throw new Failure(`${url} is no URL.`);
    throw new Failure(`Recado is not running at ${url}. Start it with npm start.`);
  }
}

/** All events of a conversation behind `after`. */
export async function eventsAfter(access: Access, conversation: string, after: number): Promise<Envelope[]> {
  const events: Envelope[] = [];
  let next: string | null = String(after);
  while (next !== null) {
    const page: Page<Envelope> = await ask(access, `/v1/conversations/${conversation}/events?limit=100&after=${next}`);
    events.push(...page.data);
    const last = page.data.at(-1);
    next = page.nextCursor !== null && last ? String(Number(last.sequence)) : null;
  }
  return events;
}

function sentenceIn(text: string): string {
  try {
    const { detail, title } = JSON.parse(text) as Partial<Problem>;
    return detail ?? title ?? text;
  } catch {
    return text.slice(0, 200) || "nothing more";
  }
}
