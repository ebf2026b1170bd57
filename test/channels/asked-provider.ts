/** A provider that is asked by a `reconcile.ts`, written down in a test. */
import type { Account, OpenMessage, Parsed, Reconciler, WebhookRequest } from "../../shared/channels/connector.ts";
import { encodeCorrelation } from "../../shared/domain/ids.ts";
import type { HttpAnswer, HttpRequest } from "../../shared/ports.ts";

export const NOW = Date.parse("2026-11-22T12:00:00Z");
const HOUR = 3_600_000;
export const CORRELATION = encodeCorrelation({
  conversation: "conv_AAAAAAAAAAAAAAAAAAAAAA",
  message: "msg_01kat1n2v3w4x5y6z7a8b9c0d1",
  part: 0,
});

export type Provider = (url: URL, request: HttpRequest) => HttpAnswer | object | undefined;

/** Asks once; what the provider does not answer is a 404. */
export async function asked<Settings, Secrets>(
  { reconciler, settings }: { reconciler?: Reconciler<Settings, Secrets>; settings: Settings },
  secrets: Secrets,
  provider: Provider,
  open: readonly OpenMessage[] = [],
  others: readonly Pick<Account<Settings>, "name" | "settings">[] = [],
) {
  const requests: HttpRequest[] = [];
  const account: Account<Settings, Secrets> = { name: "shop", settings, secrets };
  const question = { account, others, since: NOW - HOUR, until: NOW, open };
  const answer = await reconciler?.missed(question, async (request) => {
    requests.push(request);
    const given = provider(new URL(request.url), request);
    if (given && "kind" in given) return given as HttpAnswer;
    return { kind: "answer", status: given ? 200 : 404, headers: {}, body: JSON.stringify(given ?? {}) };
  });
  if (!answer) throw new Error("there is no reconciler");
  return { ...answer, requests };
}

export function refusal(status: number, body: object = {}): HttpAnswer {
  return { kind: "answer", status, headers: {}, body: JSON.stringify(body) };
}

export const opened = (providerMessageId: string, to = "15551200001"): OpenMessage => ({
  providerMessageId,
  to,
  correlation: CORRELATION,
});
export const subjects = ({ parsed }: { parsed: readonly Parsed[] }) => parsed.map(({ subject }) => subject);
export const codes = ({ parsed }: { parsed: readonly Parsed[] }) =>
  parsed.flatMap(({ happening }) => (happening.type === "account.alert" ? [happening.code] : []));

export function webhook(body: string, url = "https://recado.example/webhooks/x"): WebhookRequest {
  return { method: "POST", url, query: {}, headers: {}, body: Buffer.from(body), receivedAt: NOW };
}
