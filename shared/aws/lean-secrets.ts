import { jsonObjectIn } from "../domain/json.ts";
import type { Clock } from "../ports.ts";
import type { LeanClient } from "./lean-client.ts";

/** The SSM documents of some accounts, by account name. One that was never written, or is no JSON object, is left out. */
export type SecretDocuments = () => Promise<ReadonlyMap<string, Record<string, unknown>>>;

const FRESH_MS = 5 * 60_000;
/** After a failure, or while a document is missing: its owner may be about to write it. */
const SOON_MS = 15_000;
/** GetParameters takes ten names. */
const MOST_NAMES = 10;

/**
 * Reads all documents in one call, at the first use and every five minutes; when a later read fails the old values stay.
 * @param path `/recado/<stage>` @throws WorldFault (from the function given back) when the first read failed
 */
export function createLeanSecrets(
  client: LeanClient,
  { path, names, clock }: { path: string; names: readonly string[]; clock: Clock },
): SecretDocuments {
  let known: ReadonlyMap<string, Record<string, unknown>> | undefined;
  let staleAt = 0;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    try {
      known = await documents(client, path, names);
      staleAt = clock.now() + (known.size === names.length ? FRESH_MS : SOON_MS);
    } catch (cause) {
      if (!known) throw cause;
      staleAt = clock.now() + SOON_MS;
    } finally {
      reading = undefined;
    }
  }

  return async () => {
    if (!known || clock.now() >= staleAt) {
      reading ??= read();
      await reading;
    }
    return known ?? new Map();
  };
}

async function documents(client: LeanClient, path: string, names: readonly string[]) {
  const found = new Map<string, Record<string, unknown>>();
  for (let start = 0; start < names.length; start += MOST_NAMES) {
    const Names = names.slice(start, start + MOST_NAMES).map((name) => `${path}/${name}`);
    const answer = await client({
      service: "ssm",
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameters" },
      body: JSON.stringify({ Names, WithDecryption: true }),
    });
    const { Parameters = [] } = JSON.parse(answer) as { Parameters?: { Name: string; Value: string }[] };
    for (const { Name, Value } of Parameters) {
      const document = jsonObjectIn(Value);
      if (document) found.set(Name.slice(path.length + 1), document);
    }
  }
  return found;
}
