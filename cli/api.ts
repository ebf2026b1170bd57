/** The HTTP API of a running Recado, for commands: the client of shared/client, with failures in sentences. */

import type { Access as ClientAccess } from "../shared/client/access.ts";
import { createRecado, type Recado, RecadoError } from "../shared/client/client.ts";
import { Failure } from "./failure.ts";

export interface Access {
  url: string;
  key: string;
}

/** What the client takes; nobody waits at a terminal for a Recado that is not running. */
export function clientAccess({ url, key }: Access): ClientAccess {
  return { url, key, fetch: (input, init) => reached(url, () => fetch(input, init)) };
}

/**
 * Does something with the API.
 * @throws Failure with a sentence that says what to do
 */
export async function withRecado<Result>(access: Access, work: (recado: Recado) => Promise<Result>): Promise<Result> {
  try {
    return await work(createRecado(clientAccess(access)));
  } catch (error) {
    throw error instanceof RecadoError ? new Failure(sentenceFor(error, access)) : error;
  }
}

export function sentenceFor({ code, status, message, field }: RecadoError, { url }: Access): string {
  if (status === 401) return `Recado at ${url} does not know this API key. Give another with --key or RECADO_API_KEY.`;
  if (code === "scope_missing")
    return `${message} Make one that has it with recado keys create, and give it with --key or RECADO_API_KEY.`;
  if (code === "unreachable") return message;
  // The API leaves the name to `field`, which nobody sees at a terminal.
  const named = field === undefined ? message : message.replace(/^The (field|parameter) /, `$&${field} `);
  return `Recado answered ${status}: ${named}`;
}

/** A path of the local run that is no part of the API. @throws Failure when nothing listens there */
export async function reach(url: string, path: string, request: RequestInit): Promise<Response> {
  try {
    return await reached(url, () => fetch(`${url.replace(/\/+$/, "")}${path}`, request));
  } catch (error) {
    throw error instanceof RecadoError ? new Failure(error.message) : error;
  }
}

async function reached(url: string, ask: () => Promise<Response>): Promise<Response> {
  try {
    return await ask();
  } catch (cause) {
    const isUrl = URL.canParse(url);
    const sentence = isUrl ? `Recado is not running at ${url}. Start it with npm start.` : `${url} is no URL.`;
    throw new RecadoError(sentence, { code: "unreachable", cause });
  }
}
